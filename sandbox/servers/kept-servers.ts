import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** The pipes whose end ends the servers, each with the folder that goes with its server. */
const lifelines = new Map<Socket, string | undefined>();

export function addLifeline(pipe: Socket, folder: string | undefined, ended: Promise<void>): void {
  lifelines.set(pipe, folder);
  void ended.then(() => lifelines.delete(pipe));
}

interface Kept {
  /** The process that holds the servers now: when it is killed, they end. */
  readonly keeper: number;
  readonly folders: readonly string[];
}

const stateFile = path.join(os.tmpdir(), `understudy-kept-${os.userInfo().username}.json`);

let kept = false;
/** Lets the servers that this process has started outlive it, until {@link stopKeptServers}. */
export function keepServers(): void {
  if (kept) return;
  kept = true;
  const keeper = spawn('sleep', ['infinity'], {
    stdio: ['ignore', 'ignore', 'ignore', ...lifelines.keys()],
    detached: true,
  });
  keeper.unref();
  const folders = [...lifelines.values()].filter((folder) => folder !== undefined);
  const all = [...readState(), { keeper: keeper.pid ?? 0, folders }];
  writeFileSync(stateFile, JSON.stringify(all), { mode: 0o600 });
}

/** Ends what {@link keepServers} left, of all processes; returns how many these were. */
export async function stopKeptServers(): Promise<number> {
  const state = readState();
  rmSync(stateFile, { force: true });
  const running = state.filter(({ keeper }) => isKeeper(keeper));
  for (const { keeper } of running) process.kill(keeper);
  // The servers end by themselves when nobody holds them any more, and their folders go with the last.
  const folders = running.flatMap(({ folders }) => folders);
  while (folders.some((folder) => existsSync(folder)))
    await new Promise((resolve) => setTimeout(resolve, 100));
  return running.length;
}

const readState = (): readonly Kept[] =>
  existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as Kept[]) : [];

/** The id may belong to somebody else by now. */
function isKeeper(pid: number): boolean {
  const file = `/proc/${String(pid)}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() === 'sleep infinity';
}

/**
 * True when a test of a file that runs with `npm run suites -- --keep` has failed: its world stays for a look, and what
 * the file does to stop it does nothing. See scripts/test/keep-failed.mjs.
 */
export function keptForALook(): boolean {
  const { understudyTestFailed } = globalThis as { understudyTestFailed?: boolean };
  if (understudyTestFailed !== true) return false;
  if (!kept) {
    const folders = [...lifelines.values()].filter((folder) => folder !== undefined);
    process.stderr.write(
      `A test failed; its world stays: ${folders.join(' ')}\nStop it: npm run demo -- --stop\n`,
    );
    keepServers();
  }
  return true;
}
