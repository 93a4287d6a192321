import { spawn } from 'node:child_process';
import { type Writable } from 'node:stream';

export interface ToolResult {
  /** Null when a signal or the time-out ended it, or when it could not be started. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/**
 * Runs a small program of the runner's own machine (`ssh -V`, `ssh-add`) and waits for it. Not through execa: that takes
 * longer to load than these take to run, and a route would wait for it. Never throws.
 * @param input what it reads from stdin, and from file descriptor 3
 * @param timeoutMs after which it is killed
 */
export function runTool(
  argv: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
  input: readonly [string, string] = ['', ''],
  timeoutMs = 20_000,
): Promise<ToolResult> {
  const [program, ...args] = argv;
  // Away from our terminal: a program that has none does not ask there for a passphrase.
  const child = spawn(program, args, {
    env: environment,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
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
