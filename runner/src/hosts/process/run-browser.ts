import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, type Writable } from 'node:stream';
import { execa } from 'execa';
import { makeProcessFolder } from './process-folders.js';

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
