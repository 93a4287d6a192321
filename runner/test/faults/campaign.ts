import { type RunnerResult, runUnderstudy } from '../../../sandbox/runner.js';
import { accounts } from '../../../sandbox/world/accounts.js';
import { runUntil } from './command.js';
import { ended, type Fault, type Struck } from './faults.js';
import { type FaultWorld, type Served } from './fault-world.js';
import { type FaultRow } from './row.js';
import { type Step } from './steps.js';

type Outcome = Pick<FaultRow, 'outcome' | 'wrong'>;

/** What a command is about: the season that staging serves before it, and the one that it brings. */
interface Goal {
  readonly before: number;
  readonly after: number;
}

/** A fault at a step of a sync: the next command goes on, and a sync ends with a whole copy. */
export async function trySync(world: FaultWorld, step: Step, fault: Fault): Promise<Outcome> {
  const { rows = 0 } = await world.served();
  const after = await world.publish();
  return tryCommand(world, ['sync', 'acme'], { before: rows, after }, step, fault);
}

/** The same at a step of a rollback, which goes back to the season before. */
export async function tryRollback(world: FaultWorld, step: Step, fault: Fault): Promise<Outcome> {
  const { rows: after = 0 } = await world.served();
  const before = await world.publish();
  const wrong = await syncCleanly(world);
  const { outcome, wrong: more } = await tryCommand(
    world,
    ['rollback', 'acme'],
    { before, after },
    step,
    fault,
  );
  return { outcome, wrong: [...wrong, ...more] };
}

/** At a step of the updates of a fresh copy: started again, they go through, and each item is at its new version. */
export async function tryUpdate(world: FaultWorld, step: Step, fault: Fault): Promise<Outcome> {
  const season = await world.publish();
  const call = { sites: world.world.sites, workspace: world.world.workspace };
  const kept = await runUnderstudy(call, 'sync', 'acme', '--keep-lock');
  const goal = { before: season, after: season };
  const update = async (): Promise<string[]> => {
    const again = await afterUnlock(world, ['update', 'acme']);
    const old = await world.notUpdated();
    return [
      ...ended(again, 'update, started again'),
      ...old.map((name) => `${name} is not at its new version`),
    ];
  };
  const { outcome, wrong } = await tryCommand(world, ['update', 'acme'], goal, step, fault, update);
  return { outcome, wrong: [...ended(kept, 'the sync before'), ...wrong] };
}

async function tryCommand(
  world: FaultWorld,
  words: readonly string[],
  goal: Goal,
  step: Step,
  fault: Fault,
  again: () => Promise<string[]> = () => Promise.resolve([]),
): Promise<Outcome> {
  const wrong: string[] = [];
  const [production, staging] = await Promise.all([world.production(), world.staging()]);
  const call = { sites: world.world.sites, workspace: world.world.workspace };
  let struck: Struck = {};
  const { met, result } = await runUntil(call, words, step.text, async (command) => {
    struck = await fault.strike(world, command);
  });
  if (!met) wrong.push(`the step was never met: ${result.stderr}`);
  wrong.push(...((await struck.heal?.()) ?? []));
  const changed = struck.season === undefined ? goal : { before: struck.season, after: struck.season };
  const served = await world.served();
  const state = stateOf(served, changed);
  wrong.push(...verdict(result, state, goal, step, fault), ...shown(result));
  if (
    struck.season === undefined &&
    struck.changesProduction !== true &&
    (await world.production()) !== production
  )
    wrong.push('production is not as it was');
  if (state === 'former' && (await world.staging()) !== staging && [3, 4].includes(result.code))
    wrong.push('it says that staging is as before, and files or tables are not');
  const keepsLock = words[0] === 'update';
  if (![137, 6, 7].includes(result.code) && !keepsLock)
    wrong.push(...(await world.left()).filter(isOpen).map((each) => `left: ${each}`));
  const named = nextCommand(result);
  if (named !== undefined) wrong.push(...(await goOn(world, named, changed)));
  wrong.push(...(await again()));
  wrong.push(...(await syncCleanly(world)));
  const [error = ''] = /^[A-Z_]{4,}(?=:)/m.exec(result.stderr) ?? [];
  const how =
    result.code === 137 ? 'killed' : `exit ${String(result.code)}${error === '' ? '' : ` ${error}`}`;
  const next = named === undefined ? '' : `; ${named[0] ?? ''}`;
  return {
    outcome: `${how}, serves ${SAID[state]}${next}`,
    wrong: wrong.filter((line) => fault.allowed?.test(line) !== true),
  };
}

type State = 'former' | 'new' | 'page' | 'mixed' | 'broken';
const SAID: Readonly<Record<State, string>> = {
  former: 'the former copy',
  new: 'the new copy',
  page: 'the maintenance page',
  mixed: 'a mixture',
  broken: 'nothing',
};

function stateOf({ code, rows, page, status }: Served, { before, after }: Goal): State {
  if (page) return 'page';
  if (status !== 200) return 'broken';
  if (code !== rows || code === undefined) return 'mixed';
  return code === after ? 'new' : code === before ? 'former' : 'mixed';
}

/** What the command said of staging, against what staging serves. */
function verdict(
  { code, stdout, stderr }: RunnerResult,
  state: State,
  { before, after }: Goal,
  step: Step,
  fault: Fault,
): string[] {
  const said = `exit ${String(code)}: ${(stderr || stdout.slice(-400)).trim()}`;
  const wrong: string[] = [];
  if (fault.codes !== undefined && !fault.codes.includes(code))
    wrong.push(`not the exit code of this fault; ${said}`);
  if (state === 'mixed' || state === 'broken') wrong.push(`staging serves ${SAID[state]}; ${said}`);
  const fits: Readonly<Record<number, readonly State[]>> = {
    0: ['new'],
    2: ['former'],
    3: ['former'],
    4: ['former'],
    5: ['new'],
    6: step.behindPage === true ? ['former', 'new', 'page'] : ['former', 'new'],
    7: ['page'],
    130: ['former', 'new'],
    137: step.behindPage === true ? ['former', 'new', 'page'] : ['former', 'new'],
  };
  // An update changes no season.
  const same = before === after && state === 'new' && code !== 1;
  if (!same && fits[code]?.includes(state) !== true)
    wrong.push(`staging serves ${SAID[state]}, and it says ${said}`);
  if (!same && /serves what it served before/.test(stderr) && state === 'new')
    wrong.push(`the new copy is up, and it says ${said}`);
  if (/serves the new copy/.test(stderr) && state === 'former')
    wrong.push(`the former copy is up, and it says ${said}`);
  if (/\bBUG\b|INTERNAL/.test(stderr + stdout)) wrong.push(`a bug: ${said}`);
  return wrong;
}

/** No secret of either side in anything that was said. */
function shown({ stdout, stderr }: RunnerResult): string[] {
  return Object.entries(accounts)
    .filter(([, { password }]) => (stdout + stderr).includes(password))
    .map(([name]) => `the password of ${name} is shown`);
}

/** The command that the error names: `understudy recover acme`. A sync follows anyway. */
function nextCommand({ stderr }: RunnerResult): string[] | undefined {
  const named = [...stderr.matchAll(/understudy ((?:recover|stage|unlock|clean|rollback)\b[\w .:-]*)/g)]
    .map(([, words]) => (words ?? '').trim().replace(/[.:]$/, '').split(' '))
    .filter((words) => words.includes('acme'));
  return named.find(([verb]) => verb !== 'rollback');
}

async function goOn(world: FaultWorld, words: readonly string[], goal: Goal): Promise<string[]> {
  const call = { sites: world.world.sites, workspace: world.world.workspace };
  const result = await runUnderstudy(call, ...words);
  const state = stateOf(await world.served(), goal);
  if (result.code !== 0)
    return [`the next command, ${words.join(' ')}, ended with ${String(result.code)}: ${result.stderr}`];
  return state === 'former' || state === 'new'
    ? []
    : [`after ${words.join(' ')} staging serves ${SAID[state]}`];
}

/** A process that was killed frees no lock: the message names the command that does. */
async function afterUnlock({ world }: FaultWorld, words: readonly string[]): Promise<RunnerResult> {
  const call = { sites: world.sites, workspace: world.workspace };
  const result = await runUnderstudy(call, ...words);
  const unlock = /understudy (unlock acme --run \S+)/.exec(result.stderr)?.[1];
  if (result.code !== 6 || unlock === undefined) return result;
  const unlocked = await runUnderstudy(call, ...unlock.split(' '));
  return unlocked.code === 0 ? runUnderstudy(call, ...words) : unlocked;
}

/** The last act of every row: a sync goes through, and staging is production's copy, with nothing left beside it. */
export async function syncCleanly(world: FaultWorld): Promise<string[]> {
  const wrong: string[] = [];
  const result = await afterUnlock(world, ['sync', 'acme']);
  if (result.code !== 0)
    wrong.push(`the sync afterwards ended with ${String(result.code)}: ${result.stderr}`);
  const state = stateOf(await world.served(), { before: 0, after: world.season });
  if (state !== 'new') wrong.push(`after the last sync staging serves ${SAID[state]}`);
  return [
    ...wrong,
    ...(await world.notCopied()),
    ...(await world.left()).map((each) => `left at the end: ${each}`),
  ];
}

/** What may not be left by a command that ended by itself; files of its run may wait for the next one. */
const isOpen = (name: string): boolean => /^\d+ |lock$|journal\.json$|\.pid$|\.maintenance$/.test(name);
