import { type Transform, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type RsyncCommand } from '../../commands/rsync.js';
import { type Finding } from '../../errors/index.js';
import { type RunOptions } from '../../hosts/host.js';
import { type NameList, type Route } from '../../hosts/route/route.js';
import { type OnProgress } from '../../run/progress.js';
import { RsyncLines } from './parse-rsync.js';
import { judgeRsyncExit, RsyncComplaints } from './rsync-problems.js';

export interface RsyncRun {
  readonly route: Pick<Route, 'run'>;
  /** As a person names the two ends: `production application (…) → staging (…)`. */
  readonly label: string;
  readonly signal: AbortSignal;
  readonly names?: NameList;
  readonly timeoutSeconds?: number;
  readonly job?: NonNullable<RunOptions['job']> | undefined;
}

/**
 * Runs one rsync and tells its exit codes apart.
 * @returns what a person should know of a run that was good enough (exit 24: files vanished)
 */
export async function runRsync(
  command: RsyncCommand,
  output: Writable,
  { route, label, signal, names, timeoutSeconds = 0, job }: RsyncRun,
): Promise<readonly Finding[]> {
  const complaints = new RsyncComplaints();
  const { code } = await route.run(command, {
    allowedExitCodes: 'any',
    stdout: output,
    onStderr: (chunk) => {
      complaints.write(chunk);
    },
    signal,
    timeoutSeconds,
    label: 'rsync',
    names,
    ...(job === undefined ? {} : { job }),
  });
  if (!output.writableEnded) output.end();
  await allWritten(output);
  complaints.end();
  return judgeRsyncExit(code, complaints, label);
}

/** A Transform counts as finished when all was written into it; its reader may still be reading. */
const allWritten = (output: Writable | Transform): Promise<void> => finished(output, { readable: false });

/** Reads progress2 and the statistics, and forgets the rest. */
export class ProgressOutput extends Writable {
  readonly stats = new Map<string, number>();
  readonly #lines: RsyncLines;
  constructor(onProgress: OnProgress, total?: number) {
    super();
    this.#lines = new RsyncLines((line) => {
      if (line.kind === 'progress')
        onProgress({
          done: line.bytes,
          unit: 'bytes',
          ...(total === undefined ? {} : { total: Math.max(total, line.bytes) }),
        });
      else if (line.kind === 'stat') this.stats.set(line.name, line.value);
    });
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#lines.write(chunk);
    done();
  }
  override _final(done: (error?: Error) => void): void {
    this.#lines.end();
    done();
  }
}
