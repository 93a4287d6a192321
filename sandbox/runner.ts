import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const bundle =
  process.env['UNDERSTUDY_BUNDLE'] ?? path.join(projectFolder, 'resources/understudy/runner.cjs');

export interface RunnerResult {
  /** 128 + signal when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunnerCall {
  /** Folder of site files and folder for events and reports. */
  readonly sites: string;
  readonly workspace: string;
  /** Output goes to this process' own stdout and stderr too, as this makes it of each piece. */
  readonly show?: (text: string) => string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told the process id as soon as there is one. */
  readonly onStart?: (pid: number) => void;
  /** Told everything that it wrote to stdout so far. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs the bundled runner as a process of its own, as Jenkins does, with a home folder that holds nothing. */
export async function runUnderstudy(call: RunnerCall, ...words: string[]): Promise<RunnerResult> {
  const home = path.join(call.workspace, 'home');
  const start = performance.now();
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: process.env['TMPDIR'],
    ...call.environment,
  };
  const child = spawn(
    process.execPath,
    [bundle, '--sites', call.sites, '--workspace', call.workspace, ...words],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment },
  );
  if (child.pid !== undefined) call.onStart?.(child.pid);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    call.onOutput?.(stdout);
    if (call.show !== undefined) process.stdout.write(call.show(text));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (call.show !== undefined) process.stderr.write(call.show(text));
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  return { code, stdout, stderr, seconds: (performance.now() - start) / 1000 };
}

/** Makes the one-file runner when it is not there. */
export async function ensureBundle(): Promise<void> {
  if (existsSync(bundle)) return;
  const build = spawn(process.execPath, [path.join(projectFolder, 'scripts/build.mjs')], {
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => build.once('close', resolve));
  if (code !== 0) throw new Error('the runner could not be built');
}
