import { linesIn } from '../../basics/lines.js';
import { type ProductionCommand } from '../../commands/command.js';
import { sweepWords } from '../../commands/ssh.js';
import { type CommandResult, type RunOptions } from '../host.js';

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

/** Ends the jobs that a killed runner left below `folder`, if they have the start time and boot of their pid file. */
export async function sweepJobs(host: SweepingHost, folder: string): Promise<SweptJob[]> {
  const { stdout } = await host.run(
    { effect: 'remove-own-backup', argv: sweepWords([folder]), writesTo: folder },
    { label: `end jobs that were left in ${folder}/jobs` },
  );
  return linesIn(stdout).map((line) => {
    const [state = '', pid = '0', ...name] = line.split(' ');
    return { state: state as SweptJob['state'], pid: Number(pid), name: name.join(' ') };
  });
}
