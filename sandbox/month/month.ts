import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../runner.js';
import { lookAtMonth } from './look.js';
import { APPROVER, type MonthWorld } from './month-world.js';

/** One thing that a person would look at, and whether it is as it should be. */
export interface Look {
  readonly good: boolean;
  readonly text: string;
}

export interface Month {
  /** Id of the run; '' where even the sync failed. */
  readonly run: string;
  /** The commands in order, as far as they got. */
  readonly commands: readonly { readonly words: readonly string[]; readonly result: RunnerResult }[];
  readonly looks: readonly Look[];
}

export interface MonthCall {
  /** Lines for the person who watches. */
  readonly say: (text: string) => void;
  /** What of the commands' own output is shown; undefined: none. */
  readonly show?: (text: string) => string;
  /** How a command is run; default: once. */
  readonly execute?: typeof runUnderstudy;
}

/** `<workspace>/acme/<run>`: what Jenkins would archive. */
export const reportFolder = (world: MonthWorld, run: string): string =>
  path.join(world.workspace, 'acme', run);

/**
 * A whole month with the commands of a user or of Jenkins, one process each; then a look at what they left everywhere.
 * Stops at the first command that fails.
 */
export async function runMonth(
  world: MonthWorld,
  { say, show, execute = runUnderstudy }: MonthCall,
): Promise<Month> {
  mkdirSync(world.workspace, { recursive: true });
  const call: RunnerCall = {
    sites: world.sites,
    workspace: world.workspace,
    ...(show === undefined ? {} : { show }),
  };
  const commands: { words: readonly string[]; result: RunnerResult }[] = [];
  const looks: Look[] = [];
  const look = (good: boolean, text: string): void => {
    looks.push({ good, text });
    say(`  ${good ? 'ok ' : 'NO '} ${text}`);
  };
  const understudy = async (words: readonly string[], parameters?: object): Promise<boolean> => {
    const given = parameters === undefined ? '' : JSON.stringify(parameters);
    say(`\n$ ${given === '' ? '' : `UNDERSTUDY_PARAMETERS='${given}' `}understudy ${words.join(' ')}`);
    const environment = given === '' ? {} : { environment: { UNDERSTUDY_PARAMETERS: given } };
    const result = await execute({ ...call, ...environment }, ...words);
    commands.push({ words, result });
    look(result.code === 0, `exit code ${String(result.code)} after ${result.seconds.toFixed(1)} s`);
    return result.code === 0;
  };
  const rest = async (): Promise<void> => {
    if (!(await understudy(['sync', 'acme']))) return;
    if (!(await understudy(['update', 'acme']))) return;
    const id = lastRun(world);
    say(`\nThe report, as a chat gets it (${reportFolder(world, id)}/maintenance.html has the pictures):\n`);
    say(textOf(path.join(reportFolder(world, id), 'maintenance.md')));
    if (!(await understudy(['hold', 'acme', '--run', id, '--hours', '72']))) return;
    look(
      !(await refused(call, ['sync', 'acme'])),
      'staging is locked for the approval: another sync is refused',
    );
    say(`\nJenkins' input is answered: ${APPROVER.login} approves.`);
    if (!(await understudy(['promote', 'acme'], { site: 'acme', run: id, approvedBy: APPROVER.login })))
      return;
    if (!(await understudy(['archive', 'acme', '--run', id]))) return;
    await understudy(['publish', 'acme', '--run', id]);
  };
  await rest();
  const run = lastRun(world);
  if (commands.at(-1)?.words[0] === 'publish') await lookAtMonth(world, run, say, look);
  return { run, commands, looks };
}

/** True when the command went through although it should not have. */
const refused = async (call: RunnerCall, words: readonly string[]): Promise<boolean> => {
  const { show: _, ...quiet } = call;
  return (await runUnderstudy(quiet, ...words)).code !== 6;
};

/** The run of the last command that wrote an outcome. */
function lastRun(world: MonthWorld): string {
  const file = path.join(world.workspace, 'acme/result.json');
  if (!existsSync(file)) return '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly run: string }).run;
}

const textOf = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() : '(no report)';
