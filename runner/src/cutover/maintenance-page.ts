import { shellScript } from '../commands/command.js';
import { writeHostFile } from '../hosts/host-files.js';
import { type CutoverContext } from './context.js';

/**
 * WordPress includes `.maintenance` and ignores it when `$upgrading` is older than ten minutes
 * (wp_is_maintenance_mode in wp-includes/load.php). `time()` is evaluated per request, so this one never grows old.
 */
const WORDPRESS_PAGE = '<?php /* understudy */ $upgrading = time();\n';
const MARK = '/* understudy */';

/** The same, but for requests of this run, which prove what lies behind the page. @param pass SHA-256 of their token */
const pageWithPass = (pass: string): string =>
  `${WORDPRESS_PAGE}if (isset($_SERVER['HTTP_X_UNDERSTUDY_TOKEN']) && hash('sha256', (string) $_SERVER['HTTP_X_UNDERSTUDY_TOKEN']) === '${pass}') $upgrading = 0;\n`;

/** $1 file, $2 mark. What is no plain file, or begins otherwise, is somebody else's page. */
const REMOVE_OWN_PAGE = `if [ -f "$1" ] && [ ! -L "$1" ] && head -c 200 -- "$1" | grep -qF -- "$2"; then rm -f -- "$1"; fi`;

/** Whether the site has a page that can be turned on. */
export const hasMaintenancePage = (context: CutoverContext): boolean =>
  context.site.type === 'wordpress' || context.site.staging.maintenance !== undefined;

const pagePath = (context: CutoverContext): string => `${context.site.staging.path}/.maintenance`;

/** May be repeated. Sites that are not WordPress and declare no commands have no page: nothing happens. */
export async function turnPageOn(context: CutoverContext, pass?: string): Promise<void> {
  const host = await context.hosts.staging();
  if (context.site.staging.maintenance !== undefined)
    await runDeclared(context, context.site.staging.maintenance.on);
  else if (context.site.type === 'wordpress') {
    await writeHostFile(host, pagePath(context), pass === undefined ? WORDPRESS_PAGE : pageWithPass(pass));
    await host.run(shellScript('write', 'chmod 0644 -- "$1"', [pagePath(context)]));
  }
}

/** May be repeated. A `.maintenance` that WordPress or a person wrote stays. */
export async function turnPageOff(context: CutoverContext): Promise<void> {
  const host = await context.hosts.staging();
  if (context.site.staging.maintenance !== undefined)
    return runDeclared(context, context.site.staging.maintenance.off);
  if (context.site.type !== 'wordpress') return;
  await host.run(shellScript('write', REMOVE_OWN_PAGE, [pagePath(context), MARK]));
}

/** The declared command (argv), run in staging's document root. */
async function runDeclared(context: CutoverContext, argv: readonly string[]): Promise<void> {
  if (argv.length === 0) return;
  const host = await context.hosts.staging();
  await host.run(
    shellScript('write', 'cd -- "$1" && shift && exec "$@"', [context.site.staging.path, ...argv]),
    { describe: argv.join(' ') },
  );
}
