import { createHash, randomBytes } from 'node:crypto';
import { shellScript } from '../../commands/command.js';
import { type Site } from '../../config/site.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { readHostFile } from '../../hosts/host-files.js';
import { below, type SiteLayout } from '../../wordpress/site/site-layout.js';

/** Lets the requests of one promotion pass its maintenance page. */
export interface BypassToken {
  readonly header: string;
  /** One-time secret; the page holds its digest alone. */
  readonly token: string;
}

const PASS_HEADER = 'X-Understudy-Promotion';
/** With the pass: `opcache` resets OPcache and the object cache before the request goes on. */
export const CLEAR_HEADER = 'X-Understudy-Clear';
/** WP-CLI programs of the promotion itself are known by this variable; it is no secret. */
export const RUN_VARIABLE = 'UNDERSTUDY_PROMOTION';

export const createBypassToken = (): BypassToken => ({
  header: PASS_HEADER,
  token: randomBytes(24).toString('hex'),
});

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * WordPress requires `.maintenance` in every request (wp_is_maintenance_mode, wp-includes/load.php) and shows the page
 * while `$upgrading` is younger than ten minutes: `time()` keeps it so, 0 lets a request pass. WP-CLI reads the file too
 * and then goes on (it filters `enable_maintenance_mode`), so cron and queues that run on the command line are stopped
 * here. The code is the same in every promotion and reads its own last line: OPcache may have kept an older one.
 */
const pageText = (run: string, token: string): string =>
  `${PAGE_CODE}#${JSON.stringify({ run, pass: digestOf(token) })}\n`;

const PAGE_MARK = '/* understudy promotion */';
const PAGE_CODE = String.raw`<?php ${PAGE_MARK}
$upgrading = time();
$understudy = (string) @file_get_contents( __FILE__ );
$understudy = json_decode( substr( $understudy, (int) strrpos( $understudy, '#' ) + 1 ), true );
if ( 'cli' === PHP_SAPI ) {
	if ( ! isset( $understudy['run'] ) || getenv( '${RUN_VARIABLE}' ) !== $understudy['run'] ) {
		fwrite( STDERR, "The site is being updated; nothing may write to it now.\n" );
		exit( 75 );
	}
	$upgrading = 0;
} elseif ( isset( $_SERVER['HTTP_X_UNDERSTUDY_PROMOTION'], $understudy['pass'] )
	&& hash_equals( (string) $understudy['pass'], hash( 'sha256', (string) $_SERVER['HTTP_X_UNDERSTUDY_PROMOTION'] ) ) ) {
	$upgrading = 0;
	if ( isset( $_SERVER['HTTP_X_UNDERSTUDY_CLEAR'] ) ) {
		if ( function_exists( 'opcache_reset' ) ) {
			@opcache_reset();
		}
		add_action( 'init', 'wp_cache_flush', 0, 0 );
		header( 'X-Understudy-Cleared: 1' );
	}
}
unset( $understudy );
`;

/**
 * Arguments: folder, a word of the page's last line. Atomic: WordPress never reads half a page; 0644, because PHP may run
 * as another account. A full disk writes half a page without an error, and a folder takes the file in.
 */
const PAGE_ON = `umask 022
[ ! -d "$1/.maintenance" ] || { echo "$1/.maintenance is a folder" >&2; exit 1; }
cat > "$1/.maintenance.understudy" && grep -qF -- "$2" "$1/.maintenance.understudy" &&
chmod 0644 "$1/.maintenance.understudy" && mv -f -- "$1/.maintenance.understudy" "$1/.maintenance" ||
{ rm -f -- "$1/.maintenance.understudy"; exit 1; }`;

/** A page that somebody else made stays. */
const PAGE_OFF = `if [ -f "$1/.maintenance" ] && grep -qF '${PAGE_MARK}' "$1/.maintenance"; then rm -f -- "$1/.maintenance"; fi`;

export async function turnPageOn(
  host: WritingHost,
  root: string,
  run: string,
  bypass: BypassToken,
): Promise<void> {
  await host.run(shellScript('write', PAGE_ON, [root, digestOf(bypass.token)]), {
    stdin: pageText(run, bypass.token),
    label: 'turn the maintenance page on',
  });
}

export async function turnPageOff(host: WritingHost, root: string): Promise<void> {
  await host.run(shellScript('write', PAGE_OFF, [root]), { label: 'turn the maintenance page off' });
}

export async function pageIsOn(host: ReadingHost, root: string): Promise<boolean> {
  return (await readHostFile(host, `${root}/.maintenance`))?.includes(PAGE_MARK) === true;
}

/** WordPress looks for it in its own folder (ABSPATH), wherever that lies. */
export const pageFolder = (site: Pick<Site, 'production'>, { core }: SiteLayout): string =>
  below(site.production.path, core).replace(/\/$/, '');

/** A page that is on and not ours: WordPress is being updated by somebody else. */
export async function foreignPage(host: WritingHost, root: string): Promise<boolean> {
  const page = await readHostFile(host, `${root}/.maintenance`);
  return page !== undefined && !page.includes(PAGE_MARK);
}
