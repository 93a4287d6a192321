import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A `docker` that runs `docker exec -i NAME words` as the real client does it: the process belongs to the daemon
 * and lives on when the client is ended; stdin, output and exit code are passed on.
 */
export async function writeFakeDocker(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'docker');
  const script = `#!/bin/sh
[ "$1 $2" = 'exec -i' ] || { echo "fake docker: $*" >&2; exit 125; }
shift 3
exec 3<&0
setsid "$@" <&3 3<&- &
exec 3<&-
wait $!
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return folder;
}

/** Command lines of all processes of this machine that contain a text. */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const words = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
    if (words.includes(text)) found.push(`${name} ${words.replaceAll('\0', ' ').slice(-200)}`);
  }
  return found;
}

/** Waits until `done` says so; a hang is ended by jest's own limit. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 25));
}
