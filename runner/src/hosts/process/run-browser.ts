import os from 'node:os';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { rm, lstat, mkdtemp, readdir, readFile, readlink } from 'node:fs/promises';
import { type Readable, type Writable } from 'node:stream';
import { execa } from 'execa';
import { createHash } from 'node:crypto';

/** A browser of this machine that is driven through two pipes: no port is opened, and it ends with this process. */
export interface BrowserProcess {
  readonly input: Writable;
  readonly output: Readable;
  stop(): Promise<void>;
}

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** `UNDERSTUDY_CHROMIUM`, else where distributions put it; undefined when there is none. `none` turns it off. */
export function findBrowser(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const named = environment['UNDERSTUDY_CHROMIUM'];
  if (named === 'none') return undefined;
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  return USUAL_PLACES.find((place) => existsSync(place));
}

const FLAGS = [
  '--headless',
  // Agents run as root or without user namespaces; the pages are the customer's own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--hide-scrollbars',
  '--mute-audio',
  '--force-color-profile=srgb',
  '--remote-debugging-pipe',
];

/** @param resolverRules `MAP www.acme.test 10.0.0.5:8080`, '' for what DNS says */
export async function startBrowser(program: string, resolverRules: string): Promise<BrowserProcess> {
  const folder = await makeProcessFolder('understudy-browser');
  const rules = resolverRules === '' ? [] : [`--host-resolver-rules=${resolverRules}`];
  const child = execa(program, [...FLAGS, ...rules, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // Nothing of the runner's environment, which holds secrets, is of use to a browser.
    extendEnv: false,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder },
    buffer: false,
    reject: false,
    forceKillAfterDelay: 3000,
  });
  const [, , , input, output] = child.stdio as unknown as (Writable & Readable)[];
  if (input === undefined || output === undefined) throw new Error('the browser has no pipes');
  // A browser that dies breaks the pipes; anyone who waits for an answer is reported by the protocol's time-out.
  input.on('error', () => undefined);
  output.on('error', () => undefined);
  return {
    input,
    output,
    stop: async () => {
      input.end();
      const timer = setTimeout(() => child.kill('SIGTERM'), 1500);
      await child;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    },
  };
}

/**
 * Makes a folder of this process below the temporary folder, and removes those of the same kind whose process is gone.
 * The name has the process id and where that means something (this boot, this pid namespace), so other containers' and
 * accounts' folders are left alone.
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
