import { type ProductionCommand } from '../commands/command.js';
import { sweepWords } from '../commands/ssh.js';
import { type CommandResult, type RunOptions } from './host.js';
import { isInside } from './production-host.js';

export interface SweptJob {
  readonly name: string;
  readonly pid: number;
  /** `ended`: it still ran and was ended. `stale`: only its file was left. `alive`: it could not be ended. */
  readonly state: 'ended' | 'stale' | 'alive';
}

/** Production's connection as well as a writing one: the sweep touches our own jobs alone. */
export interface SweepingHost {
  run(command: ProductionCommand, options?: RunOptions): Promise<CommandResult>;
}

/**
 * Finds the jobs that a killed runner left behind below `folder` (the work folder) and ends them.
 * A process is only ended when it has the start time and the boot that its pid file names.
 * @param below more folders with jobs, inside `folder`
 */
export async function sweepJobs(
  host: SweepingHost,
  folder: string,
  below: readonly string[] = [],
): Promise<SweptJob[]> {
  // What is not inside would not be covered by production's check of what is written to.
  if (!below.every((one) => isInside(folder, one))) throw new TypeError('a folder outside the work folder');
  const [file, ...args] = sweepWords([folder, ...below]);
  const { stdout } = await host.run(
    { effect: 'remove-own-backup', argv: [file ?? 'sh', ...args], writesTo: folder },
    { describe: `end jobs that were left in ${folder}/jobs` },
  );
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [state = '', pid = '0', ...name] = line.split(' ');
      return { state: state as SweptJob['state'], pid: Number(pid), name: name.join(' ') };
    });
}
