import { createHash, randomBytes } from 'node:crypto';
import { shellScript } from '../commands/command.js';
import { type WritingHost } from '../hosts/host.js';
import { type HttpClient } from './http-client.js';

/** Finds the content folder below `$1` (or its twin `$2`) by its usual names; sets $content to its name. */
const FIND_CONTENT = `
content=wp-content
for name in wp-content app content; do
  if [ -d "$1/$name" ] || [ -d "$2/$name" ]; then content=$name; break; fi
done
`;

const INSTALL = `set -eu
${FIND_CONTENT}
umask 022
mkdir -p "$1/$content/mu-plugins"
cat > "$1/$content/mu-plugins/.understudy.php.new"
mv -f "$1/$content/mu-plugins/.understudy.php.new" "$1/$content/mu-plugins/understudy.php"
`;

/**
 * Puts Understudy's must-use plugin into the tree that staging serves, before the cutover: the copy's first request
 * already finds it. @param incoming the staged tree, which names the content folder where staging is still empty
 */
export async function installMuPlugin(
  host: WritingHost,
  path: string,
  incoming: string,
  text: string,
): Promise<void> {
  await host.run(shellScript('write', INSTALL, [path, incoming]), {
    stdin: text,
    describe: "write Understudy's must-use plugin",
  });
}

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
  await host.run(shellScript('write', CLEAR, [path, path]), { describe: 'empty the page caches of staging' });
}

/** A secret for one request: the database holds its digest only, and forgets it when it was used. */
export interface ClearToken {
  readonly token: string;
  /** Value of the option {@link STATE_OPTION}. */
  readonly state: string;
}

export function clearToken(run: string, lifetimeSeconds = 3600): ClearToken {
  const token = randomBytes(24).toString('hex');
  const state = JSON.stringify({
    run,
    token: createHash('sha256').update(token).digest('hex'),
    expires: Math.floor(Date.now() / 1000) + lifetimeSeconds,
  });
  return { token, state };
}

/** What the must-use plugin said of the PHP that serves staging. */
export interface ClearAnswer {
  /** The command to which PHP's `mail()` hands mail, past WordPress; '' where it leads nowhere. */
  readonly mailProgram: string;
  /** Whether requests through libcurl, past WordPress' own functions, could be closed. */
  readonly closesCurl: boolean;
}

/**
 * Asks the must-use plugin to reset OPcache and the object cache, which belong to PHP's processes.
 * @returns what it answered, or a sentence why it did not
 */
export async function clearByRequest(
  client: HttpClient,
  url: string,
  token: string,
): Promise<ClearAnswer | string> {
  const address = new URL(
    `wp-login.php?understudy=${String(Date.now())}`,
    url.endsWith('/') ? url : `${url}/`,
  );
  try {
    const answer = await client(address.href, {
      headers: { 'X-Understudy-Token': token, 'Cache-Control': 'no-cache' },
    });
    return (
      clearAnswer(answer.body.toString()) ??
      `staging answered with ${String(answer.status)} (${answer.verdict}) instead`
    );
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Plugins may print before ours does: the answer is the last line that is JSON. */
function clearAnswer(body: string): ClearAnswer | undefined {
  const start = body.lastIndexOf('{"understudy":"cleared"');
  if (start < 0) return undefined;
  try {
    const { mailProgram, putenv } = JSON.parse(body.slice(start)) as Readonly<Record<string, unknown>>;
    return { mailProgram: typeof mailProgram === 'string' ? mailProgram : '', closesCurl: putenv !== false };
  } catch {
    return undefined;
  }
}
