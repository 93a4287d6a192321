import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type StagingView } from '../session/staging-view.js';

/** Of WordPress itself; '' where it cannot be read. */
export interface WordPressVersions {
  readonly production: string;
  readonly staging: string;
}

/** The first line that sets the version, in the usual folder or up to two below it (`web/wp` of Bedrock). $1 document root. */
const READ_VERSION = `for file in "$1/wp-includes/version.php" "$1"/*/wp-includes/version.php "$1"/*/*/wp-includes/version.php; do
  [ -f "$file" ] || continue
  head -c 4096 -- "$file" | sed -n "s/^\\$wp_version *= *['\\"]\\([0-9][0-9A-Za-z.-]*\\)['\\"].*/\\1/p" | head -n 1
  break
done`;

export async function versionsOf({
  site,
  readers,
}: Pick<StagingView, 'site' | 'readers'>): Promise<WordPressVersions> {
  const read = async (open: () => Promise<ReadingHost>, root: string): Promise<string> => {
    try {
      const { stdout } = await (
        await open()
      ).run(shellScript('read', READ_VERSION, [root]), {
        allowedExitCodes: 'any',
        label: 'read the version of WordPress',
      });
      return /^[0-9][0-9A-Za-z.-]{0,30}$/.exec(stdout.toString('utf8').trim())?.[0] ?? '';
    } catch {
      // Production may be away; the rest of the line is staging's.
      return '';
    }
  };
  const [production, staging] = await Promise.all([
    read(readers.production, site.production.path),
    read(readers.staging, site.staging.path),
  ]);
  return { production, staging };
}
