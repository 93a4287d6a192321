import {
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Fault } from './faults.js';
import { type FaultWorld, run } from './fault-world.js';

interface WorkFileFault extends Fault {
  readonly steps: readonly string[];
}

type Damage = (file: string) => Promise<void>;

const gone: Damage = async (file) => rmSync(file, { recursive: true, force: true });
const fifo: Damage = async (file) => {
  await gone(file);
  await run('mkfifo', [file]);
};
const link: Damage = async (file) => {
  await gone(file);
  symlinkSync('/etc/passwd', file);
};
const folder: Damage = async (file) => {
  await gone(file);
  await run('mkdir', ['-p', path.join(file, 'x')]);
};
const huge: Damage = async (file) => {
  writeFileSync(file, '{');
  truncateSync(file, 300_000_000);
};
const broken: Damage = async (file) => writeFileSync(file, '{"version":1,');
const half: Damage = async (file) => truncateSync(file, Math.floor(statSync(file).size / 2));
const with_ =
  (change: (text: string) => string): Damage =>
  async (file) =>
    writeFileSync(file, change(readFileSync(file, 'utf8')));

/** A file in the work folder is damaged or hostile from this step on. */
const damaged = (
  name: string,
  file: (world: FaultWorld) => string,
  damage: Damage,
  steps: readonly string[],
  allowed?: RegExp,
): WorkFileFault => ({
  name,
  steps,
  ...(allowed === undefined ? {} : { allowed }),
  strike: async (world) => {
    const at = file(world);
    await damage(at);
    // What somebody put there is taken away by the person who reads the message.
    return {
      heal: async () => {
        if (!at.includes('/runs/')) await gone(at);
        return [];
      },
    };
  },
});

const inRun =
  (...names: string[]) =>
  (world: FaultWorld): string =>
    path.join(world.runFolder(), ...names);
const inWork =
  (...names: string[]) =>
  (world: FaultWorld): string =>
    world.work(...names);
/** The first file of a folder whose name matches. */
const firstIn =
  (place: (world: FaultWorld) => string, name: RegExp) =>
  (world: FaultWorld): string => {
    const found = readdirSync(place(world), { recursive: true, encoding: 'utf8' }).find((each) =>
      name.test(each),
    );
    if (found === undefined) throw new Error(`nothing like ${String(name)} in ${place(world)}`);
    return path.join(place(world), found);
  };

const JOURNAL = inWork('journal.json');
/** Only the journal says whether staging is halfway: one that cannot be read is exit 7, and the message names it. */
const UNKNOWN_STATE =
  /^staging serves the former copy, and it says exit 7: [^]*journal\.json cannot be used: it is not a regular file/;
/** Only the inventory says which of staging's files came by a sync: without it they are staging's own. */
const UNKNOWN_ORIGIN = /^file wp-content\/acme-late\/only-\d+\.php should be gone$/;

export const WORK_FILE_FAULTS: readonly WorkFileFault[] = [
  damaged('journal.json is a FIFO', JOURNAL, fifo, ['preflight', 'drain requests'], UNKNOWN_STATE),
  damaged('journal.json is a link', JOURNAL, link, ['leak check']),
  damaged('journal.json is a folder', JOURNAL, folder, ['leak check'], UNKNOWN_STATE),
  damaged('journal.json is broken', JOURNAL, broken, ['copy files', 'rename tables']),
  damaged('journal.json is huge', JOURNAL, huge, ['import rows']),
  damaged('imported.json is a FIFO', inRun('imported.json'), fifo, ['leak check']),
  damaged('imported.json is broken', inRun('imported.json'), half, ['leak check']),
  damaged(
    'imported.json makes a file',
    inRun('imported.json'),
    with_((text) =>
      text.replace(
        '"objects":[',
        `"objects":[{"kind":"view","name":"x","statements":["CREATE VIEW x AS SELECT 1 INTO OUTFILE '/tmp/understudy-owned'"]},`,
      ),
    ),
    ['leak check'],
  ),
  damaged('the run record is a FIFO', inRun('record.json'), fifo, ['import rows']),
  damaged('the run record is broken', inRun('record.json'), half, ['import rows']),
  damaged('the inventory is a link', inWork('inventory'), link, ['preflight', 'leak check'], UNKNOWN_ORIGIN),
  damaged(
    'the inventory leads outside',
    inWork('inventory'),
    async (file) => writeFileSync(file, '../../../../outside\n/etc/passwd\n'),
    ['preflight'],
    UNKNOWN_ORIGIN,
  ),
  damaged(
    'the list of deletions leads outside',
    firstIn(inRun('content'), /delet/),
    async (file) => writeFileSync(file, '../../keep-me\0../../keep-me\n'),
    ['leak check'],
  ),
  damaged('the list of changes is a FIFO', firstIn(inRun('content'), /chang/), fifo, ['leak check']),
  damaged('a shard is cut off', firstIn(inRun(), /\.(zst|gz)$/), half, ['make tables', 'read backup']),
  damaged('the manifest is broken', firstIn(inRun(), /manifest\.json$/), half, [
    'incoming schema',
    'read backup',
  ]),
  damaged('the lock is gone', inWork('lock'), gone, ['import rows', 'leak check']),
  damaged('the fence is a FIFO', inWork('lock/fence'), fifo, ['import rows']),
  damaged('the holder of the lock is huge', inWork('lock/holder.json'), huge, ['import rows']),
  damaged(
    'the number of the lock is a word',
    inWork('lock.number'),
    async (file) => writeFileSync(file, '$(touch /tmp/understudy-owned)\n'),
    ['preflight'],
  ),
  damaged('a mutex of the lock is left', inWork('lock.mutex'), folder, ['leak check']),
];
