import { createConnection } from 'node:net';
import { type Duplex } from 'node:stream';
import { UnderstudyError } from '../errors/index.js';
import { childEnvironment } from './process/child-environment.js';
import { type Side, type StreamTarget, type WritingHost } from './host.js';
import { createIdentityReader } from './identity.js';
import { runCommand } from './process/run-command.js';
import {
  registerTransport,
  type RemoteProcess,
  type StartOptions,
  type Transport,
} from './process/transport.js';

export function createLocalHost(side: Side, name: string): WritingHost {
  const transport = createLocalTransport(`${name} (this machine)`, side);
  const run: WritingHost['run'] = (command, options) => runCommand(transport, command, options);
  const host: WritingHost = {
    side,
    label: transport.label,
    run,
    openStream: (target) => connectLocally(transport.label, target),
    identity: createIdentityReader(run),
    close: async () => undefined,
  };
  return registerTransport(host, transport);
}

export const createLocalTransport = (label: string, side: Side): Transport => ({
  label,
  start: (words, options) => startLocally(side, words, options),
});

async function startLocally(
  side: Side,
  words: readonly string[],
  options: StartOptions = {},
): Promise<RemoteProcess> {
  const [file = 'true', ...args] = words;
  // Most sites are behind SSH, and every start would pay for it.
  const { execa } = await import('execa');
  options.signal?.throwIfAborted();
  const child = execa(file, args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    extendEnv: false,
    env: childEnvironment(side),
    // Its end is ours to see to: see run-command.ts.
    detached: true,
    cleanup: false,
  });
  const ended = child.then((result) => ({
    code: result.exitCode ?? null,
    signal: result.signal ?? null,
    ...(result.exitCode === undefined && result.signal === undefined
      ? { lost: result.cause instanceof Error ? result.cause : new Error('it did not start') }
      : {}),
  }));
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    close: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
  };
}

export function connectLocally(label: string, target: StreamTarget): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket =
      target.kind === 'tcp'
        ? createConnection({ port: target.port, host: target.host, noDelay: true })
        : createConnection(target.path);
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(
        new UnderstudyError(
          'HOST_UNREACHABLE',
          `No connection to ${targetText(target)} (${cause.message}).`,
          {
            host: label,
            cause,
          },
        ),
      );
    };
    socket.setTimeout(20_000, () => {
      fail(new Error('no answer within 20 s'));
    });
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

export const targetText = (target: StreamTarget): string =>
  target.kind === 'tcp' ? `${target.host}:${String(target.port)}` : target.path;
