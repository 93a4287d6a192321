import { readCommand, shellScript } from '../commands/command.js';
import { type ReadingHost, type WritingHost } from './host.js';

/** The bytes of a small file on a host; undefined when it does not exist. */
export async function readHostFile(host: ReadingHost, path: string): Promise<Buffer | undefined> {
  const script = 'if [ -e "$1" ]; then cat -- "$1"; else exit 44; fi';
  const result = await host.run(shellScript('read', script, [path]), {
    okCodes: [0, 44],
    describe: `read ${path}`,
  });
  return result.code === 44 ? undefined : result.stdout;
}

/**
 * Replaces a file so that a crash leaves the old or the new content, never a mixture:
 * temporary file, fsync, rename. Mode 0600, its folder 0700 when it has to be made.
 */
export async function writeHostFile(
  host: WritingHost,
  path: string,
  content: string | Buffer,
): Promise<void> {
  const script =
    'umask 077; d=$(dirname -- "$1"); mkdir -p -- "$d" && t=$1.tmp.$$ && cat > "$t" && ' +
    '{ sync -- "$t" 2>/dev/null || sync; } && mv -f -- "$t" "$1"';
  await host.run(shellScript('write', script, [path]), { stdin: content, describe: `write ${path}` });
}

/** Names in a folder, sorted; empty when the folder does not exist. */
export async function listHostFolder(host: ReadingHost, path: string): Promise<string[]> {
  const result = await host.run(readCommand('ls', '-1A', '--', path), {
    okCodes: [0, 1, 2],
    describe: `list ${path}`,
  });
  return result.code === 0
    ? result.stdout
        .toString()
        .split('\n')
        .filter((name) => name !== '')
        .sort()
    : [];
}
