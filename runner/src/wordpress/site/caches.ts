import { createHash, randomBytes } from 'node:crypto';
import { shellScript } from '../../commands/command.js';
import { type WritingHost } from '../../hosts/host.js';
import { type Layout } from './host-layout.js';

/**
 * Arguments: content folder, uploads, both absolute. Caches of pages and of generated style sheets, which hold addresses; each
 * is made again when it is asked for. What is a link, or lies behind one, is somebody else's.
 */
const CLEAR = `set -u
[ ! -L "$1" ] || exit 0
for folder in "$1/cache" "$1/litespeed" "$2/elementor/css" "$2/cache"; do
  [ -d "$folder" ] && [ ! -L "$folder" ] && [ ! -L "\${folder%/*}" ] || continue
  find "$folder" -xdev -mindepth 1 -delete 2>/dev/null
done
exit 0
`;

/** Empties the folders in which plugins keep generated pages and style sheets. */
export async function clearCacheFolders(
  host: WritingHost,
  { content, uploads }: Pick<Layout, 'content' | 'uploads'>,
): Promise<void> {
  await host.run(shellScript('write', CLEAR, [content, uploads]), {
    label: 'empty the page caches of staging',
  });
}

/** A secret for one request: the database holds its digest only, and forgets it when it was used. */
export interface ClearToken {
  readonly token: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly digest: string;
  /** Value of the option {@link STATE_OPTION}. */
  readonly state: string;
}

export function clearToken(run: string, lifetimeSeconds = 3600): ClearToken {
  const token = randomBytes(24).toString('hex');
  const digest = createHash('sha256').update(token).digest('hex');
  const state = JSON.stringify({
    run,
    token: digest,
    expires: Math.floor(Date.now() / 1000) + lifetimeSeconds,
  });
  return { token, digest, state };
}
