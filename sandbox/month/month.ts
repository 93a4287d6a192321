import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../runner.js';
import { lookAtMonth } from './look.js';
import { APPROVER, type MonthWorld } from './month-world.js';

/** One thing that a person would look at, and whether it is as it should be. */
interface Look {
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
  /** What is looked at afterwards; default: what the usual month leaves everywhere. */
  readonly lookAt?: typeof lookAtMonth;
  /** What the report of the month counts. */
  readonly counts?: string;
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
  {
    say,
    show,
    execute = runUnderstudy,
    lookAt = lookAtMonth,
    counts = '4 updates are on production, 3 were undone on staging',
  }: MonthCall,
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
    if (!(await understudy(['sync', 'acme', '--keep-lock']))) return;
    look(
      !(await refused(call, ['sync', 'acme'])),
      'staging is locked for the updates: another sync is refused',
    );
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
    if (!(await understudy(['publish', 'acme', '--run', id]))) return;
    if (!(await understudy(['finish', 'acme', '--run', id]))) return;
    const builds = path.join(world.workspace, 'builds.json');
    writeFileSync(builds, JSON.stringify({ builds: [buildOf(world)] }));
    if (!(await understudy(['month', builds, '--out', world.workspace]))) return;
    const message = textOf(path.join(world.workspace, 'month.md'));
    say(
      `\nThe report of the month for all sites, as a chat gets it (this one has a single site):\n\n${message}`,
    );
    look(
      message.includes(counts),
      'the report of the month counts what is on production and what was undone',
    );
  };
  await rest();
  const run = lastRun(world);
  if (commands.some(({ words }) => words[0] === 'publish')) await lookAt(world, run, say, look);
  return { run, commands, looks };
}

/** True when the command went through although it should not have. */
const refused = async (call: RunnerCall, words: readonly string[]): Promise<boolean> => {
  const { show: _, ...quiet } = call;
  return (await runUnderstudy(quiet, ...words)).code !== 6;
};

/** How the site's build looks to Jenkins' build for all sites. */
function buildOf(world: MonthWorld): object {
  const { maintenance } = JSON.parse(readFileSync(outcomeFile(world), 'utf8')) as {
    readonly maintenance?: object;
  };
  return {
    site: 'acme',
    result: 'SUCCESS',
    url: 'https://ci.example/job/understudy/job/acme/job/maintenance/1/',
    text: 'Acme Theatre',
    maintenance: maintenance === undefined ? '' : JSON.stringify(maintenance),
  };
}

const outcomeFile = (world: MonthWorld): string => path.join(world.workspace, 'acme/result.json');

/** The run of the last command that wrote an outcome. */
function lastRun(world: MonthWorld): string {
  const file = outcomeFile(world);
  if (!existsSync(file)) return '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly run: string }).run;
}

const textOf = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() : '(no report)';
