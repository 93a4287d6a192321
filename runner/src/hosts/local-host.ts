import { createConnection } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { type Command } from '../commands/command.js';
import { quoteWords } from '../commands/quote.js';
import { UnderstudyError } from '../errors/index.js';
import {
  type CommandResult,
  type HostIdentity,
  type RunOptions,
  type Side,
  type StreamTarget,
  type WritingHost,
} from './host.js';

/** The machine that this process runs on. */
export function createLocalHost(side: Side, name: string): WritingHost {
  const label = `${name} (this machine)`;
  return {
    side,
    label,
    run: (command, options = {}) => runLocally(label, command, options),
    openStream: (target) => connectLocally(label, target),
    identity: readIdentity,
    close: async () => undefined,
  };
}

async function runLocally(label: string, command: Command, options: RunOptions): Promise<CommandResult> {
  const started = performance.now();
  const limit = options.timeoutSeconds ?? 60;
  const [file, ...args] = command.argv;
  const child = execa(
    limit > 0 ? 'timeout' : file,
    limit > 0 ? ['-k', '10', String(limit), file, ...args] : args,
    {
      env: command.environment ?? {},
      encoding: 'buffer',
      reject: false,
      buffer: { stdout: options.stdout === undefined, stderr: true },
      maxBuffer: 1024 * 1024 * 1024,
      detached: true,
      ...(options.signal ? { cancelSignal: options.signal } : {}),
      ...(options.stdin === undefined ? { input: '' } : {}),
    },
  );
  if (options.stdin !== undefined) {
    if (typeof options.stdin === 'string' || Buffer.isBuffer(options.stdin)) child.stdin?.end(options.stdin);
    else options.stdin.pipe(child.stdin ?? new PassThrough());
    child.stdin?.on('error', () => undefined);
  }
  if (options.onStdout) child.stdout?.on('data', options.onStdout);
  if (options.onStderr) child.stderr?.on('data', options.onStderr);
  if (options.stdout) child.stdout?.pipe(options.stdout);
  const ended = await child;
  if (options.signal?.aborted) throw new UnderstudyError('INTERRUPTED');
  const code = ended.exitCode ?? 128;
  const result: CommandResult = {
    code,
    stdout: Buffer.from((ended.stdout as Uint8Array | undefined) ?? []),
    stderr: Buffer.from((ended.stderr as Uint8Array | undefined) ?? [])
      .toString()
      .slice(-65536),
    seconds: (performance.now() - started) / 1000,
  };
  const ok = options.okCodes ?? [0];
  if (ok !== 'any' && !ok.includes(code)) {
    const text = options.describe ?? quoteWords(command.argv);
    throw new UnderstudyError(
      'COMMAND_FAILED',
      `${text.split('\n')[0] ?? ''} ended with exit code ${String(code)}.`,
      {
        host: label,
        command: text,
        stderr: result.stderr,
      },
    );
  }
  return result;
}

function connectLocally(label: string, target: StreamTarget): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket =
      target.kind === 'tcp' ? createConnection(target.port, target.host) : createConnection(target.path);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', (cause) => {
      reject(
        new UnderstudyError(
          'HOST_UNREACHABLE',
          `No connection to ${target.kind === 'tcp' ? `${target.host}:${String(target.port)}` : target.path}.`,
          { host: label, cause },
        ),
      );
    });
  });
}

async function readIdentity(): Promise<HostIdentity> {
  const read = (path: string) =>
    readFile(path, 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  return {
    machineId: await read('/etc/machine-id'),
    bootId: await read('/proc/sys/kernel/random/boot_id'),
    hostname: hostname(),
    home: homedir(),
    user: userInfo().username,
  };
}
