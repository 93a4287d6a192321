import { shellScript } from '../../commands/command.js';
import { htaccessText, nginxLines } from '../../wordpress/prepare/config-text.js';
import type { Part, PrepareContext } from './prepare-types.js';
import { putNew } from './put-new.js';

/** What the machine's nginx says of the site. $1 host name. Prints `permalinks`, `nginx` or nothing. */
const LOOK_AT_NGINX = `for d in /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/nginx/nginx.conf; do
  [ -e "$d" ] || continue
  grep -rlF -e "$1" "$d" 2>/dev/null
done | while IFS= read -r file; do
  if grep -q 'try_files.*index\\.php' "$file"; then echo permalinks; else echo nginx; fi
done | sort -r | head -n 1`;

/** Without them WordPress' pages are 404, all but the home page. */
export async function prepareRules(context: PrepareContext): Promise<Part> {
  const { site, staging, production, apply } = context;
  const name = 'permalinks';
  const url = new URL(site.staging.url);
  const base = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const { stdout } = await staging.run(shellScript('read', LOOK_AT_NGINX, [url.hostname]), {
    allowedExitCodes: 'any',
    label: "look at staging's nginx",
  });
  const said = stdout.toString().trim();
  if (said === 'permalinks')
    return { name, state: 'there', sentence: 'nginx hands unknown paths to index.php', lines: [] };
  if (said === 'nginx')
    return {
      name,
      state: 'open',
      sentence: `nginx needs in the server block of ${url.hostname}:`,
      lines: nginxLines(base),
    };
  const file = `${site.staging.path}/.htaccess`;
  const { code } = await staging.run(shellScript('read', '[ -e "$1" ]', [file]), {
    allowedExitCodes: [0, 1],
    label: `look for ${file}`,
  });
  if (code === 0)
    return {
      name,
      state: 'there',
      sentence: `${file} (Apache); nginx: ${nginxLines(base).join(' ')}`,
      lines: [],
    };
  const network = production.multisite
    ? { domain: url.host, path: base, subdomains: production.subdomains }
    : undefined;
  if (apply) await putNew(context, file, '644', htaccessText(base, network));
  return {
    name,
    state: apply ? 'made' : 'would',
    sentence: `${file} with WordPress' rules for Apache; nginx needs: ${nginxLines(base).join(' ')}`,
    lines: [],
  };
}
