import path from 'node:path';
import { syncCleanly, tryRollback, trySync, tryUpdate } from './campaign.js';
import { type Fault, faults } from './faults.js';
import { FaultWorld, type Mode } from './fault-world.js';
import { type PlannedRow, rowId } from './row.js';
import { ROLLBACK_STEPS, type Step, SYNC_STEPS, UPDATE_STEPS } from './steps.js';
import { WORK_FILE_FAULTS } from './work-file-faults.js';

/** Worlds are made when the first of their rows is tried, and again after a row that went wrong. */
export class Worlds {
  readonly #open = new Map<Mode, FaultWorld>();
  constructor(readonly options: { readonly disks: boolean }) {}

  async of(mode: Mode): Promise<FaultWorld> {
    const open = this.#open.get(mode) ?? (await prepared(mode, this.options));
    this.#open.set(mode, open);
    return open;
  }

  async discard(mode: Mode): Promise<void> {
    await this.#open.get(mode)?.stop();
    this.#open.delete(mode);
  }

  async stop(): Promise<void> {
    for (const mode of ['swap', 'replace'] as const) await this.discard(mode);
  }
}

/** A world that was synced once. */
async function prepared(mode: Mode, options: { readonly disks: boolean }): Promise<FaultWorld> {
  const world = await FaultWorld.create(mode, options);
  const wrong = await syncCleanly(world);
  if (wrong.length === 0) return world;
  await world.stop();
  throw new Error(`the world of the campaign cannot be synced: ${wrong.join('\n')}`);
}

type Cases = readonly (readonly [Fault, readonly string[] | 'all'])[];

const { kill, terminate, suspended, connectionsBreak, stalled, programKilled } = faults;
const { busy, databaseRestarts, diskFull, revoked, locked, immutable, clock } = faults;

const RUNNING = (steps: readonly string[]): Cases => [
  [kill, 'all'],
  [terminate, 'all'],
  [connectionsBreak('staging'), 'all'],
  [databaseRestarts('restarted'), steps],
];

const SIDE = '`acme\\_staging\\_understudy\\_%`.*';
const LIVE = '`acme\\_staging`.*';
const SOURCE = '`acme\\_production`.*';

const SYNC: Readonly<Record<Mode, Cases>> = {
  swap: [
    ...RUNNING(['preflight', 'copy files', 'import rows', 'rewrite', 'leak check', 'drop triggers']),
    [
      databaseRestarts('killed and started again'),
      ['import rows', 'drop triggers', 'files into place', 'rename tables', 'objects', 'ask plugin'],
    ],
    [suspended, ['copy files', 'dump', 'import rows', 'leak check']],
    [connectionsBreak('production-app'), ['compare files', 'copy files', 'transfer']],
    [connectionsBreak('production-db'), ['dump', 'transfer']],
    [
      stalled('staging'),
      ['copy files', 'transfer', 'import rows', 'leak check', 'files into place', 'read pages'],
    ],
    [stalled('production-db'), ['dump']],
    [programKilled('production-app', 'rsync', /^rsync /), ['copy files']],
    [programKilled('staging', 'rsync', /^rsync --server/), ['copy files']],
    [programKilled('production-db', 'the dump program', /^\S*(mysqldump|mariadb-dump) /), ['dump']],
    [programKilled('production-db', 'the splitter', /^(perl|awk|mawk|\S*\/perl) /), ['dump']],
    [programKilled('production-db', 'the compressor', /^(zstd|gzip|pigz) /), ['dump']],
    [programKilled('staging', 'the import client', /^\S*(mysql|mariadb) /), ['import rows']],
    [
      diskFull('staging'),
      [
        'preflight',
        'compare files',
        'copy files',
        'transfer',
        'import rows',
        'drop triggers',
        'objects',
        'read pages',
      ],
    ],
    [diskFull('production'), ['preflight', 'dump']],
    [diskFull('runner'), ['preflight', 'dump', 'leak check', 'files into place']],
    [diskFull('database'), ['make objects', 'rewrite']],
    [revoked('staging', 'ALL', SIDE), ['import rows', 'files into place', 'rename tables']],
    [revoked('staging', 'DROP', LIVE), ['files into place', 'objects']],
    [revoked('staging', 'ALL', LIVE), ['rename tables', 'objects']],
    [revoked('production', 'SHOW VIEW, TRIGGER', SOURCE), ['copy files']],
    [locked('staging', 300), ['files into place', 'rename tables']],
    [locked('staging', 8), ['files into place', 'rename tables']],
    [locked('production', 8), ['dump']],
    [immutable('a file of staging', liveFile), ['drop triggers', 'rename tables']],
    [immutable('the new files', incomingFile), ['leak check']],
    [clock('+1 hour'), ['copy files', 'leak check']],
    [clock('-1 hour'), ['copy files', 'leak check']],
    [busy, ['preflight']],
    ...WORK_FILE_FAULTS.map((fault) => [fault, fault.steps] as const),
  ],
  replace: [
    ...RUNNING(['staging backup', 'import rows', 'leak check']),
    [
      databaseRestarts('killed and started again'),
      ['empty the schema', 'import rows', 'files into place', 'objects'],
    ],
    [suspended, ['import rows']],
    [stalled('staging'), ['import rows', 'files into place']],
    [diskFull('staging'), ['staging backup', 'import rows', 'files into place']],
    [diskFull('runner'), ['empty the schema']],
    [revoked('staging', 'CREATE', LIVE), ['empty the schema']],
    [locked('staging', 8), ['empty the schema']],
    [immutable('a file of staging', liveFile), ['leak check']],
    [clock('+1 hour'), ['import rows']],
    [busy, ['preflight']],
  ],
};

const ROLLBACK: Cases = [
  [kill, 'all'],
  [terminate, 'all'],
  [connectionsBreak('staging'), 'all'],
  [databaseRestarts('killed and started again'), ['files into place', 'rename tables', 'import rows']],
  [diskFull('staging'), ['go back', 'files into place']],
  [immutable('a file of staging', liveFile), ['go back']],
];

const UPDATE: Cases = [
  [kill, 'all'],
  [terminate, 'all'],
  [connectionsBreak('staging'), 'all'],
  [databaseRestarts('killed and started again'), ['update a plugin with a table']],
  [diskFull('staging'), ['update a plugin', 'update a plugin with a table']],
  [locked('staging', 8), ['update a plugin with a table']],
];

function liveFile({ world }: FaultWorld): string {
  return path.join(world.staging.root, 'wp-content/acme-late/version.php');
}

function incomingFile(world: FaultWorld): string {
  return path.join(world.runFolder(), 'incoming/wp-content/acme-late/version.php');
}

/** Rows of syncs, rollbacks and updates. */
export const syncRows = (worlds: Worlds): readonly PlannedRow[] =>
  (['swap', 'replace'] as const).flatMap((mode) => [
    ...rows(worlds, mode, 'sync', SYNC_STEPS[mode], SYNC[mode], trySync),
    ...rows(worlds, mode, 'rollback', ROLLBACK_STEPS[mode], ROLLBACK, tryRollback),
    ...(mode === 'swap' ? rows(worlds, mode, 'update', UPDATE_STEPS, UPDATE, tryUpdate) : []),
  ]);

function rows(
  worlds: Worlds,
  mode: Mode,
  verb: string,
  steps: readonly Step[],
  cases: Cases,
  attempt: typeof trySync,
): PlannedRow[] {
  const command = `${verb}, ${mode}`;
  return cases.flatMap(([fault, names]) =>
    steps
      .filter(({ name }) => names === 'all' || names.includes(name))
      .map((step) => ({
        id: rowId(command, step.name, fault.name),
        command,
        step: step.name,
        fault: fault.name,
        try: async () => {
          const result = await attempt(await worlds.of(mode), step, fault);
          // Whatever went wrong here must not be taken for a fault of the next row.
          if (result.wrong.length > 0) await worlds.discard(mode);
          return result;
        },
      })),
  );
}
