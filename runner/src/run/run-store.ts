import { randomBytes } from 'node:crypto';
import { shellScript } from '../commands/command.js';
import { STAGES, stagesOf, type StageName } from '../config/stage-list.js';
import { type Site } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { assertRunId, isRunId } from './run-id.js';
import { type RunHandle, type RunRecord, type RunStore, type StageRecord } from './run-record.js';
import { parseRunRecord } from './run-record.js';
import { assertSameWorkFolder, copyOfRecord, workFoldersOf } from './work-folders.js';

const recordPath = (store: RunStore, id: string): string => `${store.stagingWorkDir}/runs/${id}/record.json`;

/** Makes the record durable before anything else of the run happens. @param extra `stages`: those that begin with it */
export async function createRun(
  store: RunStore,
  id: string,
  extra: Pick<RunRecord, 'parameters'> & Partial<Pick<RunRecord, 'configCommit' | 'stages'>>,
): Promise<RunHandle> {
  const record: RunRecord = {
    version: 1,
    id: assertRunId(id),
    site: store.site.name,
    createdAt: new Date().toISOString(),
    configDigest: store.site.digest,
    state: 'running',
    stages: {},
    folders: workFoldersOf(store),
    ...extra,
  };
  const handle = openHandle(store, record);
  await handle.update((same) => same);
  return handle;
}

/** Goes on with a run whose record was read just now. @throws WORK_FOLDER_CHANGED */
export function resumeRun(store: RunStore, record: RunRecord): RunHandle {
  assertSameWorkFolder(record, store, 'staging');
  return openHandle(store, record);
}

/** Bytes. */
const LARGEST_RECORD = 1024 * 1024;

/** @throws RUN_NOT_FOUND, RUN_RECORD_INVALID, WORK_FOLDER_CHANGED */
export async function openRun(store: RunStore, id: string): Promise<RunHandle> {
  const file = recordPath(store, assertRunId(id));
  const refuse = (why: string): never => {
    throw new UnderstudyError('RUN_RECORD_INVALID', `${file} cannot be used: ${why}.`);
  };
  const bytes = await readHostFile(store.staging, file, { refuse, maxBytes: LARGEST_RECORD });
  const record =
    bytes === undefined ? copyOfRecord(store, id) : parseRunRecord(bytes, { site: store.site.name, id });
  if (record !== undefined) assertSameWorkFolder(record, store, 'staging');
  if (bytes === undefined || record === undefined) {
    throw new UnderstudyError(
      'RUN_NOT_FOUND',
      `There is no run ${id} of ${store.site.name} in ${store.stagingWorkDir} on ${store.staging.label}.`,
    );
  }
  return openHandle(store, record);
}

/** Prints a line `mark id` and then the record, if there is one, for every run. $1 folder of the runs, $2 mark. */
const PRINT_RECORDS = `for folder in "$1"/*/; do
  [ -d "$folder" ] || continue
  name=\${folder%/}
  printf '%s %s\\n' "$2" "\${name##*/}"
  [ ! -f "\${folder}record.json" ] || cat -- "\${folder}record.json"
done`;

/** Newest first. Folders that hold no valid record are left out. */
export const listRuns = async (store: RunStore): Promise<RunRecord[]> => (await listRunFolders(store)).runs;

/** All folders of runs by their ids, and the valid records in them, newest first. */
export async function listRunFolders(
  store: RunStore,
): Promise<{ readonly ids: readonly string[]; readonly runs: RunRecord[] }> {
  const mark = `understudy-${randomBytes(12).toString('hex')}`;
  const folder = `${store.stagingWorkDir}/runs`;
  const { stdout } = await store.staging.run(
    shellScript('read', PRINT_RECORDS, [folder, mark, String(LARGEST_RECORD)]),
    {
      allowedExitCodes: 'any',
      label: `read the records in ${folder}`,
    },
  );
  const found = stdout
    .toString('utf8')
    .split(`${mark} `)
    .slice(1)
    .map((part): [id: string, record: string] => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)];
    })
    .filter(([id]) => isRunId(id))
    .sort(([a], [b]) => (a < b ? 1 : -1));
  return {
    ids: found.map(([id]) => id),
    runs: found.flatMap(([id, record]) => validRecord(store, id, record)),
  };
}

/** A damaged record is not a run that can be resumed; understudy clean removes its folder. */
function validRecord(store: RunStore, id: string, printed: string): RunRecord[] {
  try {
    return [parseRunRecord(Buffer.from(printed), { site: store.site.name, id })];
  } catch {
    return [];
  }
}

function openHandle(store: RunStore, initial: RunRecord): RunHandle {
  let record = initial;
  let writing: Promise<void> = Promise.resolve();
  /** After the write before it, however that ended: each writes the whole record. */
  const write = (next: RunRecord): Promise<void> => {
    const text = `${JSON.stringify(next, null, 2)}\n`;
    writing = writing
      .catch(() => undefined)
      .then(() => writeHostFile(store.staging, recordPath(store, next.id), text));
    writing.catch(() => undefined);
    return writing;
  };
  return {
    id: record.id,
    stagingFolder: `${store.stagingWorkDir}/runs/${record.id}`,
    record: () => record,
    outputs: (stage) => completeOutputs(record, stage),
    update: async (change) => {
      const next = change(record);
      await write(next);
      record = next;
    },
    updateMeanwhile: (change) => {
      record = change(record);
      void write(record);
    },
    durable: () => writing,
  };
}

function completeOutputs(record: RunRecord, stage: StageName): Readonly<Record<string, unknown>> {
  const entry = record.stages[stage];
  if (entry?.state !== 'complete' || entry.outputs === undefined) {
    throw new UnderstudyError('STAGE_OUT_OF_ORDER', `Stage ${stage} of run ${record.id} is not complete.`, {
      next: `Start again from ${stage}: understudy stage ${stage} ${record.site} --run ${record.id}`,
    });
  }
  return entry.outputs;
}

/** The record with one stage changed; for `handle.update(withStage(...))`. */
export const withStage =
  (name: StageName, change: StageRecord) =>
  (record: RunRecord): RunRecord => ({ ...record, stages: { ...record.stages, [name]: change } });

/** The first stage, in order, that is not complete; undefined when all are. */
export function firstIncomplete(record: RunRecord, type: Site['type']): StageName | undefined {
  return stagesOf(type).find((name) => record.stages[name]?.state !== 'complete');
}

export const labelOf = (name: StageName): string =>
  STAGES.find((stage) => stage.name === name)?.label ?? name;
