import path from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownHostsLine, type RemoteShell } from '../../commands/remote-shell.js';
import { UnderstudyError } from '../../errors/index.js';
import { bareEnvironment } from '../process/child-environment.js';
import { opensshVersion } from './route-client.js';
import { type PrivateKey } from '../ssh/ssh-identities.js';
import { type Writable } from 'node:stream';

/** Ends the agent when its own stdin ends: the runner holds the other end, so also after `kill -9`. */
const WATCHDOG = `trap '' TERM INT HUP
ssh-agent -D -a "$1/agent" >/dev/null 2>"$1/stderr" &
agent=$!
while read -r _; do :; done
kill "$agent" 2>/dev/null
rm -rf -- "$1"`;

/** Prints the passphrase that the runner hands over as file descriptor 3; holds nothing itself. */
const ASKPASS = '#!/bin/sh\nexec cat <&3\n';

/** A Unix socket's path may have 107 characters (unix(7)); ssh-agent needs some for itself. */
const LONGEST_FOLDER = 80;

export interface AddKeyOptions {
  readonly lifetimeSeconds: number;
  /** The only account and host that the key may be used for: `deploy@understudy-staging` and its host key. */
  readonly destination?: {
    readonly name: string;
    readonly hostKey: Pick<RemoteShell, 'alias' | 'hostKey'>;
  };
}

/** An ssh-agent of our own on the runner, that holds one key for the time of a transfer. */
export class PrivateAgent {
  readonly socket: string;
  readonly #folder: string;
  readonly #watchdog: ChildProcess;

  private constructor(folder: string, watchdog: ChildProcess) {
    this.#folder = folder;
    this.#watchdog = watchdog;
    this.socket = path.join(folder, 'agent');
  }

  /** One that takes keys already. */
  static async start(): Promise<PrivateAgent> {
    const agent = await PrivateAgent.launch();
    await agent.ready();
    return agent;
  }

  /** One that has begun to start: what needs but its address need not wait. */
  static async launch(): Promise<PrivateAgent> {
    const base = tmpdir().length > LONGEST_FOLDER ? '/tmp' : tmpdir();
    const folder = await mkdtemp(path.join(base, 'understudy-agent-'));
    const watchdog = spawn('sh', ['-c', WATCHDOG, 'understudy', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: bareEnvironment(),
      // Away from our process group: Ctrl-C is for the runner, which ends the agent in order.
      detached: true,
    });
    watchdog.on('error', () => undefined);
    watchdog.stdin?.on('error', () => undefined);
    const agent = new PrivateAgent(folder, watchdog);
    await writeFile(path.join(folder, 'askpass'), ASKPASS, { mode: 0o700 });
    return agent;
  }

  /** @throws SSH_KEY_UNUSABLE when there is no agent within two seconds; what was started has ended then */
  async ready(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await exists(this.socket)) return;
      if (this.#watchdog.exitCode !== null) break;
      await sleep(10);
    }
    await this.stop();
    throw new UnderstudyError('SSH_KEY_UNUSABLE', 'ssh-agent does not start on the runner.', {
      next: 'Install the OpenSSH client on the Jenkins agent (Debian: openssh-client).',
    });
  }

  /** Adds a key; its passphrase travels through a pipe, never in arguments, environment or a file. */
  async add(key: PrivateKey, options: AddKeyOptions): Promise<void> {
    const constraint: string[] = [];
    if (options.destination) {
      const file = path.join(this.#folder, 'known_hosts');
      await writeFile(file, knownHostsLine(options.destination.hostKey), { mode: 0o600 });
      constraint.push('-H', file, '-h', options.destination.name);
    }
    const lifetime = String(Math.ceil(options.lifetimeSeconds));
    const { exitCode, stderr } = await runTool(
      ['ssh-add', '-q', '-t', lifetime, ...constraint, '-'],
      {
        ...bareEnvironment(),
        SSH_AUTH_SOCK: this.socket,
        SSH_ASKPASS: path.join(this.#folder, 'askpass'),
        SSH_ASKPASS_REQUIRE: 'force',
        // OpenSSH before 8.4 asks the program only where it believes in a display and has no terminal.
        DISPLAY: 'understudy:0',
      },
      [key.text.reveal(), `${key.passphrase?.reveal() ?? ''}\n`],
    );
    if (exitCode !== 0)
      throw new UnderstudyError('SSH_KEY_UNUSABLE', `ssh-agent does not accept the SSH key ${key.name}.`, {
        stderr,
      });
  }

  /** Whether the runner's own OpenSSH can limit a key to a destination (8.9). */
  async canConstrain(): Promise<boolean> {
    const { stderr } = await runTool(['ssh', '-V'], bareEnvironment());
    return opensshVersion(stderr) >= 809;
  }

  async removeKeys(): Promise<void> {
    await runTool(['ssh-add', '-q', '-D'], { ...bareEnvironment(), SSH_AUTH_SOCK: this.socket });
  }

  /** Ends agent and watchdog and removes their folder. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#watchdog.once('exit', resolve));
    this.#watchdog.stdin?.end();
    if (this.#watchdog.exitCode === null && this.#watchdog.pid !== undefined)
      await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

interface ToolResult {
  /** Null when a signal or the time-out ended it, or when it could not be started. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/**
 * Runs a small program of the runner's own machine (`ssh -V`, `ssh-add`). Not through execa, which takes longer to load
 * than these to run. Never throws.
 * @param input what it reads from stdin, and from file descriptor 3
 */
function runTool(
  argv: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  input: readonly [string, string] = ['', ''],
): Promise<ToolResult> {
  const [program, ...args] = argv;
  // Away from our terminal: a program that has none does not ask there for a passphrase.
  const child = spawn(program, args, {
    env: environment,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  for (const [fd, text] of [[0, input[0]] as const, [3, input[1]] as const]) {
    const stream = child.stdio[fd] as Writable | null;
    // It may end before it has read everything, or anything.
    stream?.on('error', () => undefined);
    stream?.end(text);
  }
  return new Promise((resolve) => {
    const finish = (exitCode: number | null, why = ''): void => {
      clearTimeout(timer);
      resolve({ exitCode, stderr: stderr + why });
    };
    child.once('error', (error) => {
      finish(null, error.message);
    });
    child.once('close', (code) => {
      finish(code);
    });
  });
}
