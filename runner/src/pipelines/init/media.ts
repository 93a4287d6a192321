import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { formatBytes } from '../../report/format.js';
import { type SiteText } from './site-file-text.js';

/** Prints kilobytes and one name when there are pictures in the uploads folder. $1 document root. */
const LOOK = `for d in "$1/wp-content/uploads" "$1"/app/uploads "$1"/*/wp-content/uploads "$1"/*/app/uploads; do
  [ -d "$d" ] || continue
  [ -n "$(find "$d" -type f -name '*.*' ! -name 'index.*' ! -name '.*' 2>/dev/null | head -n 1)" ] || continue
  du -sk -- "$d" 2>/dev/null | cut -f1
  exit 0
done`;

/** More is read through from production instead of being copied with every sync. Bytes. */
const COPIED = 2e9;

/** What is best for uploads that lie on production itself; undefined: there are none, they are served from elsewhere. */
export async function mediaOf(production: ReadingHost, root: string): Promise<SiteText['media']> {
  const { stdout } = await production.run(shellScript('read', LOOK, [root]), {
    allowedExitCodes: 'any',
    timeoutSeconds: 120,
    label: 'look at the uploads',
  });
  const bytes = Number(stdout.toString().trim()) * 1024;
  if (!(bytes > 0)) return undefined;
  const size = formatBytes(bytes);
  return bytes <= COPIED
    ? { mode: 'sync', why: `Uploads are on production itself (${size}): they are copied.` }
    : {
        mode: 'read-through',
        why: `Uploads are on production itself (${size}): staging shows production's. docs/media.md`,
      };
}
