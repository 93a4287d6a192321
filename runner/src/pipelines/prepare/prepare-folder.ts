import { shellScript } from '../../commands/command.js';
import { quoteWords } from '../../commands/quote.js';
import { type Part, partNamed, type PrepareContext, type PreparedDatabase, putNew } from './prepare-types.js';
import { htaccessText, nginxLines } from '../../wordpress/prepare/config-text.js';
import { writeHostFile } from '../../hosts/host-files.js';
import { databaseStatements, lookAtDatabase, makeDatabase } from './prepare-database.js';

/** $1 folder. Prints `there`, `missing` (the account may make it), `unwritable` or `foreign`, and a group that a web server has. */
const LOOK = `group=
for name in www-data nginx apache www http; do
  if getent group "$name" >/dev/null 2>&1 || grep -q "^$name:" /etc/group 2>/dev/null; then group=$name; break; fi
done
d=$1
if [ -d "$d" ]; then [ -w "$d" ] && [ -x "$d" ] && state=there || state=unwritable
elif [ -e "$d" ] || [ -L "$d" ]; then state=foreign
else
  until [ -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
  [ -w "$d" ] && state=missing || state=unwritable
fi
echo "$state $group"`;

/** The document root. */
export async function prepareFolder({ site, staging, apply }: PrepareContext): Promise<Part> {
  const { path } = site.staging;
  const part = partNamed('folder');
  const { stdout } = await staging.run(shellScript('read', LOOK, [path]), { label: `look at ${path}` });
  const [state = '', group = ''] = stdout.toString().trim().split(' ');
  if (state === 'there') return part('there', path);
  if (state === 'foreign') return part('open', `${path} is no folder; move it away`);
  const { user } = await staging.identity();
  if (state === 'missing') {
    if (apply)
      await staging.run(shellScript('write', 'umask 022; mkdir -p -- "$1"', [path]), {
        label: `make ${path}`,
      });
    return part(apply ? 'made' : 'would', path, apply ? [] : [`mkdir -p ${quoteWords([path])}`]);
  }
  const owner = `-o ${quoteWords([user])}${group === '' ? '' : ` -g ${group}`} -m 2775`;
  return part('open', `${user} may not write ${path}; as root on staging:`, [
    `install -d ${owner} ${quoteWords([path])}`,
  ]);
}

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
  const part = partNamed('permalinks');
  const url = new URL(site.staging.url);
  const base = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const { stdout } = await staging.run(shellScript('read', LOOK_AT_NGINX, [url.hostname]), {
    allowedExitCodes: 'any',
    label: "look at staging's nginx",
  });
  const said = stdout.toString().trim();
  if (said === 'permalinks') return part('there', 'nginx hands unknown paths to index.php');
  if (said === 'nginx')
    return part('open', `nginx needs in the server block of ${url.hostname}:`, nginxLines(base));
  const file = `${site.staging.path}/.htaccess`;
  const { code } = await staging.run(shellScript('read', '[ -e "$1" ]', [file]), {
    allowedExitCodes: [0, 1],
    label: `look for ${file}`,
  });
  if (code === 0) return part('there', `${file} (Apache); nginx: ${nginxLines(base).join(' ')}`);
  const network = production.multisite
    ? { domain: url.host, path: base, subdomains: production.subdomains }
    : undefined;
  if (apply) await putNew(context, file, '644', htaccessText(base, network));
  return part(
    apply ? 'made' : 'would',
    `${file} with WordPress' rules for Apache; nginx needs: ${nginxLines(base).join(' ')}`,
  );
}

/** Database, account and rights. */
export async function prepareDatabase(
  { site, staging, workDir, apply }: PrepareContext,
  prepared: PreparedDatabase | undefined,
): Promise<Part> {
  const part = partNamed('database');
  const access = prepared?.access;
  if (access === undefined) return part('open', 'known when there is a wp-config.php');
  const file = `${workDir}/prepare/database.sql`;
  const found = await lookAtDatabase(staging, access);
  if (found.state === 'ready') {
    await forget(staging, file);
    return part('there', found.sentence);
  }
  if (found.state === 'silent')
    return part(
      'open',
      `${found.sentence}; start it, or say where it is: staging.database.host and port in the site file`,
    );
  if (!apply)
    return part(
      'would',
      `${found.sentence}; with rights on the server, or by an administrator:`,
      databaseStatements(access, '…'),
    );
  const problem =
    site.staging.database.address === site.staging.address || sameMachine(site)
      ? await makeDatabase(staging, access)
      : 'the server is on another machine';
  if (problem === undefined) {
    const now = await lookAtDatabase(staging, access);
    if (now.state === 'ready') return part('made', now.sentence);
    return part('open', now.sentence, databaseStatements(access, '…'));
  }
  // The password is in wp-config.php and in this file, which goes when the account can log in.
  await writeHostFile(staging, file, `${databaseStatements(access, access.password.reveal()).join('\n')}\n`);
  return part('open', `${found.sentence}; ${problem}. As an administrator of the server, on staging:`, [
    `mariadb < ${file}`,
    ...databaseStatements(access, '…').map((line) => `-- ${line}`),
  ]);
}

const sameMachine = ({ staging }: PrepareContext['site']): boolean =>
  JSON.stringify(staging.database.address) === JSON.stringify(staging.address);

const forget = async (staging: PrepareContext['staging'], file: string): Promise<void> => {
  await staging.run(shellScript('write', 'rm -f -- "$1"; rmdir -- "${1%/*}" 2>/dev/null || :', [file]), {
    label: `remove ${file}`,
  });
};
