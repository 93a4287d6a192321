import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createConnection, createServer, Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addLifeline, keptForALook } from './kept-servers.js';

const watchdog = path.join(path.dirname(fileURLToPath(import.meta.url)), 'watchdog.pl');

export interface ServerProcess {
  /** Process id of the watchdog; it and everything below it is gone after `stop`. */
  readonly pid: number;
  /** Resolves when the server is gone, no matter who ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly argv: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** stdout and stderr go here. */
  readonly logFile: string;
  /** Removed when the server is gone. */
  readonly remove?: string;
  readonly workingFolder?: string;
}

/**
 * Starts a server under a watchdog that ends it, and all that came out of it, when this process ends in
 * whatever way, SIGKILL included. The server does not keep this process alive.
 */
export function startServer(command: ServerCommand): ServerProcess {
  const log = openSync(command.logFile, 'a', 0o600);
  const child = spawn('perl', [watchdog, command.remove ?? '', ...command.argv], {
    stdio: ['pipe', log, log],
    // A session of its own: Ctrl-C in the terminal must reach us first.
    detached: true,
    env: { ...process.env, ...command.environment },
    ...(command.workingFolder === undefined ? {} : { cwd: command.workingFolder }),
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const lifeline = child.stdin;
  if (!(lifeline instanceof Socket)) throw new Error('no pipe to the watchdog');
  lifeline.on('error', () => undefined);
  lifeline.unref();
  addLifeline(lifeline, command.remove, ended);
  child.unref();
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      if (keptForALook()) return;
      child.ref();
      lifeline.end();
      await ended;
    },
  };
}

/** Waits until `ready` says so; throws with the end of the server's log when it ended or `seconds` passed. */
export async function waitUntilReady(
  server: ServerProcess,
  what: string,
  logFile: string,
  ready: () => Promise<boolean>,
  seconds = 60,
): Promise<void> {
  let gone = false;
  void server.ended.then(() => (gone = true));
  const deadline = Date.now() + seconds * 1000;
  while (!(await ready())) {
    if (gone || Date.now() > deadline) {
      const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-15) : [];
      if (!gone) await server.stop();
      throw new Error(`${what} did not start:\n${log.join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** A TCP port that was free a moment ago. */
export function freePort(address = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, address, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}

/** True when something accepts connections there. */
export function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port });
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** A new empty folder for a server; short, because unix sockets allow about 100 characters. */
export const temporaryFolder = (name: string): Promise<string> =>
  mkdtemp(path.join(os.tmpdir(), `understudy-${name}-`));
