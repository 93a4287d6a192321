import { createHash, randomBytes } from 'node:crypto';
import { shellScript } from '../commands/command.js';
import { type WritingHost } from '../hosts/host.js';

/** Finds the content folder below `$1` by its usual names; sets $content to its name. */
const FIND_CONTENT = `
content=wp-content
for name in wp-content app content; do
  if [ -d "$1/$name" ]; then content=$name; break; fi
done
`;

// Caches of pages and of generated style sheets, which hold addresses; each is made again when it is asked for.
const CLEAR = `set -u
${FIND_CONTENT}
for folder in cache litespeed uploads/elementor/css uploads/cache; do
  [ -d "$1/$content/$folder" ] && [ ! -L "$1/$content/$folder" ] || continue
  find "$1/$content/$folder" -xdev -mindepth 1 -delete 2>/dev/null
done
exit 0
`;

/** Empties the folders in which plugins keep generated pages and style sheets. */
export async function clearCacheFolders(host: WritingHost, path: string): Promise<void> {
  await host.run(shellScript('write', CLEAR, [path]), { describe: 'empty the page caches of staging' });
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
