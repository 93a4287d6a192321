import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/**
 * Makes a folder of this process below the temporary folder, and removes those of the same kind whose process is gone: a
 * runner that was killed could not. The name has the process id and where that means something (this boot, this pid
 * namespace), so another container's folder in a shared temporary folder is left alone; so is another account's.
 * @param kind letters and hyphens: `understudy-browser`
 */
export async function makeProcessFolder(kind: string, base = os.tmpdir()): Promise<string> {
  const place = await placeOfPids();
  const folder = await mkdtemp(path.join(base, `${kind}-${place}-${String(process.pid)}-`));
  await removeOfTheDead(`${kind}-${place}-`, base);
  return folder;
}

/** `0`: cannot be known (no /proc), and nothing is ever removed. */
async function placeOfPids(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const space = await readlink('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${space}`).digest('hex').slice(0, 12);
  } catch {
    return '0';
  }
}

async function removeOfTheDead(prefix: string, base: string): Promise<void> {
  if (prefix.endsWith('-0-')) return;
  for (const name of await readdir(base).catch((): string[] => [])) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(/^(\d+)-\w{6}$/.exec(name.slice(prefix.length))?.[1]);
    if (!Number.isInteger(pid) || pid < 2 || lives(pid)) continue;
    const folder = path.join(base, name);
    const status = await lstat(folder).catch(() => undefined);
    if (status === undefined || !status.isDirectory() || status.uid !== process.getuid?.()) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** Also one that belongs to another account. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
