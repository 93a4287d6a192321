import { WHOLE_INPUT } from '../../commands/scripts/whole-input.js';
import { shellScript } from '../../commands/command.js';
import { layoutOf } from '../../wordpress/site/host-layout.js';
import { type StagingContext } from '../../run/site-context.js';

const MARK = '/* understudy */';

/** Requests of this run that the page answers otherwise; the tokens themselves stay with the runner. */
export interface PageAccess {
  /** SHA-256 of the token with which a request passes the page: it proves what lies behind. */
  readonly pass?: string | undefined;
  /** SHA-256 of the token with which a request empties OPcache, which belongs to PHP's processes. */
  readonly clear?: string | undefined;
}

/** WordPress ignores the page when `$upgrading` is older than ten minutes; `time()` makes it new for each request. */
const PAGE = `<?php ${MARK}
$upgrading = time();
if (function_exists('opcache_invalidate')) @opcache_invalidate(__FILE__, true);
`;

const passCode = (digest: string): string =>
  `if (isset($_SERVER['HTTP_X_UNDERSTUDY_TOKEN']) && hash('sha256', (string) $_SERVER['HTTP_X_UNDERSTUDY_TOKEN']) === '${digest}') $upgrading = 0;\n`;

const clearCode = (
  digest: string,
): string => `if (isset($_SERVER['HTTP_X_UNDERSTUDY_PAGE']) && hash('sha256', (string) $_SERVER['HTTP_X_UNDERSTUDY_PAGE']) === '${digest}') {
  header('Content-Type: application/json');
  header('Cache-Control: no-store');
  echo json_encode(array('understudy' => 'page', 'opcache' => function_exists('opcache_reset') && @opcache_reset()));
  exit;
}
`;

const pageText = ({ pass, clear }: PageAccess): string =>
  PAGE + (pass === undefined ? '' : passCode(pass)) + (clear === undefined ? '' : clearCode(clear));

/** Whether the file $1 is a page of Understudy, which begins with the mark $2; what is no plain file is somebody else's. */
const OWN_PAGE = `own_page() { [ -f "$1" ] && [ ! -L "$1" ] && head -c 200 -- "$1" | grep -qF -- "$2"; }`;
/**
 * $1 file, $2 mark, $3 bytes; the text on stdin. Readable for PHP from its first moment: PHP includes what is there. Where the
 * disk is full, a page of Understudy that is on already does: the way back needs no more.
 */
const PUT_PAGE = `${WHOLE_INPUT}${OWN_PAGE}
umask 022; t=$1.understudy-new
whole "$t" "$3" && chmod 0644 -- "$t" && mv -f -- "$t" "$1" && exit 0
rm -f -- "$t"; own_page "$1" "$2"`;
/** $1 file, $2 mark. */
const REMOVE_OWN_PAGE = `${OWN_PAGE}
if own_page "$1" "$2"; then rm -f -- "$1"; fi`;

/** Whether the site has a page that can be turned on. */
export const hasMaintenancePage = (context: StagingContext): boolean =>
  context.site.type === 'wordpress' || context.site.staging.maintenance !== undefined;

/** WordPress looks in its own folder, which need not be the document root. */
async function pagePath(context: StagingContext): Promise<string> {
  const settings = await context.wordpress?.staging();
  return `${layoutOf(context.site.staging, settings).core}/.maintenance`;
}

/** May be repeated. Sites that are not WordPress and declare no commands have no page: nothing happens. */
export async function turnPageOn(context: StagingContext, access: PageAccess = {}): Promise<void> {
  const host = await context.hosts.staging();
  if (context.site.staging.maintenance !== undefined)
    await runDeclared(context, context.site.staging.maintenance.on);
  else if (context.site.type === 'wordpress') {
    const text = pageText(access);
    const bytes = String(Buffer.byteLength(text));
    await host.run(shellScript('write', PUT_PAGE, [await pagePath(context), MARK, bytes]), {
      stdin: text,
      label: 'turn the maintenance page on',
    });
  }
}

/** May be repeated. A `.maintenance` that WordPress or a person wrote stays. */
export async function turnPageOff(context: StagingContext): Promise<void> {
  const host = await context.hosts.staging();
  if (context.site.staging.maintenance !== undefined)
    return runDeclared(context, context.site.staging.maintenance.off);
  if (context.site.type !== 'wordpress') return;
  await host.run(shellScript('write', REMOVE_OWN_PAGE, [await pagePath(context), MARK]));
}

/** The declared command (argv), run in staging's document root. */
async function runDeclared(context: StagingContext, argv: readonly string[]): Promise<void> {
  if (argv.length === 0) return;
  const host = await context.hosts.staging();
  await host.run(
    shellScript('write', 'cd -- "$1" && shift && exec "$@"', [context.site.staging.path, ...argv]),
    { label: argv.join(' ') },
  );
}
