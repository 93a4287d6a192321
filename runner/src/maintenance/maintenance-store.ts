import { UnderstudyError } from '../errors/index.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { assertRunId } from '../run/run-id.js';
import { type RunStore } from '../run/run-record.js';
import { openRun } from '../run/run-store.js';
import { openRunWorkspace, type RunWorkspace } from '../run/workspace.js';
import { type CheckedRuns, parseCheckedRuns } from './checks/checked-runs.js';
import { type MaintenanceRecord } from './maintenance-record.js';
import { parseMaintenanceRecord } from './maintenance-schema.js';

/** Where maintenance records lie: on staging, with a copy in the workspace. A pipeline's `Session` is one. */
export interface MaintenancePlace {
  readonly store: RunStore;
  /** Folder on this machine for events and reports. */
  readonly workspace: string;
}

/** The record of one maintenance run. */
export interface MaintenanceHandle {
  readonly run: string;
  /** `<workspace>/<site>/<run>`: reports and pictures. */
  readonly workspace: RunWorkspace;
  record(): MaintenanceRecord;
  /** Reads it again, after something else may have written it. */
  reload(): Promise<void>;
  /** Changes the record and makes it durable on staging, and copied here, before it returns. */
  update(change: (record: MaintenanceRecord) => MaintenanceRecord): Promise<void>;
  /** Makes the checks durable beside the record: whatever machine goes on can write the report again. */
  saveChecks(checks: CheckedRuns): Promise<void>;
  /** What was saved; undefined before the updates. @throws MAINTENANCE_RECORD_INVALID */
  readChecks(): Promise<CheckedRuns | undefined>;
}

const pathIn = (place: MaintenancePlace, run: string, name: string): string =>
  `${place.store.stagingWorkDir}/runs/${assertRunId(run)}/${name}`;
const recordPath = (place: MaintenancePlace, run: string): string => pathIn(place, run, 'maintenance.json');
const checksPath = (place: MaintenancePlace, run: string): string =>
  pathIn(place, run, 'maintenance-checks.json');

const refuserOf =
  (file: string) =>
  (why: string): never => {
    throw new UnderstudyError('MAINTENANCE_RECORD_INVALID', `${file} cannot be used: ${why}.`);
  };

/** The record of a run; undefined when it was not maintained yet. @throws MAINTENANCE_RECORD_INVALID */
export async function findMaintenance(
  place: MaintenancePlace,
  run: string,
): Promise<MaintenanceHandle | undefined> {
  const file = recordPath(place, run);
  const bytes = await readHostFile(place.store.staging, file, { refuse: refuserOf(file) });
  if (bytes === undefined) return undefined;
  return handleOf(place, parseMaintenanceRecord(bytes, { site: place.store.site.name, run }));
}

/** @throws RUN_NOT_FOUND, WORK_FOLDER_CHANGED, MAINTENANCE_NOT_FOUND, MAINTENANCE_RECORD_INVALID */
export async function openMaintenance(place: MaintenancePlace, run: string): Promise<MaintenanceHandle> {
  const found = await findMaintenance(place, run);
  if (found !== undefined) return found;
  // Where there is not even the run, that is the better answer.
  await openRun(place.store, run);
  throw new UnderstudyError(
    'MAINTENANCE_NOT_FOUND',
    `Run ${run} of ${place.store.site.name} has no maintenance record.`,
  );
}

/** The record of a run, made empty and durable when there is none yet. @throws MAINTENANCE_RECORD_INVALID */
export async function beginMaintenance(place: MaintenancePlace, run: string): Promise<MaintenanceHandle> {
  const found = await findMaintenance(place, run);
  if (found !== undefined) return found;
  const handle = handleOf(place, {
    version: 1,
    run: assertRunId(run),
    site: place.store.site.name,
    createdAt: new Date().toISOString(),
    items: [],
  });
  await handle.update((same) => same);
  return handle;
}

function handleOf(place: MaintenancePlace, initial: MaintenanceRecord): MaintenanceHandle {
  const { run, site } = initial;
  const workspace = openRunWorkspace(place.workspace, site, run);
  let record = initial;
  return {
    run,
    workspace,
    record: () => record,
    reload: async () => {
      const bytes = await readHostFile(place.store.staging, recordPath(place, run));
      if (bytes !== undefined) record = parseMaintenanceRecord(bytes, { site, run });
    },
    update: async (change) => {
      // Through our own parser: what we could not read again is not written.
      const text = `${JSON.stringify(change(record), null, 2)}\n`;
      const next = parseMaintenanceRecord(Buffer.from(text), { site, run });
      await writeHostFile(place.store.staging, recordPath(place, run), text);
      workspace.write('maintenance.json', text);
      record = next;
    },
    saveChecks: async (checks) => {
      const file = checksPath(place, run);
      const text = JSON.stringify(checks);
      // Through our own parser: what we could not read again is not written.
      parseCheckedRuns(Buffer.from(text), refuserOf(file));
      await writeHostFile(place.store.staging, file, text);
    },
    readChecks: async () => {
      const file = checksPath(place, run);
      const refuse = refuserOf(file);
      const bytes = await readHostFile(place.store.staging, file, { refuse });
      return bytes === undefined ? undefined : parseCheckedRuns(bytes, refuse);
    },
  };
}
