import { UnderstudyError } from '../errors/index.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { assertRunId } from '../run/run-id.js';
import { type RunStore } from '../run/run-record.js';
import { openRun } from '../run/run-store.js';
import { openRunWorkspace, type RunWorkspace } from '../run/workspace.js';
import { type CheckedRuns, parseCheckedRuns } from './checks/check-result.js';
import { type MaintenanceRecord } from './maintenance-record.js';
import { parseMaintenanceRecord } from './maintenance-record.js';

/** Where maintenance records lie: on staging, with a copy in the workspace. A pipeline's `Session` is one. */
export interface MaintenanceTarget {
  readonly store: RunStore;
  /** Folder on this machine for events and reports. */
  readonly workspace: string;
}

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

const pathIn = (context: MaintenanceTarget, run: string, name: string): string =>
  `${context.store.stagingWorkDir}/runs/${assertRunId(run)}/${name}`;
const recordPath = (context: MaintenanceTarget, run: string): string =>
  pathIn(context, run, 'maintenance.json');
const checksPath = (context: MaintenanceTarget, run: string): string =>
  pathIn(context, run, 'maintenance-checks.json');

const refuserOf =
  (file: string) =>
  (why: string): never => {
    throw new UnderstudyError('MAINTENANCE_RECORD_INVALID', `${file} cannot be used: ${why}.`);
  };

/** The record of a run; undefined when it was not maintained yet. @throws MAINTENANCE_RECORD_INVALID */
export async function findMaintenance(
  context: MaintenanceTarget,
  run: string,
): Promise<MaintenanceHandle | undefined> {
  const file = recordPath(context, run);
  const bytes = await readHostFile(context.store.staging, file, { refuse: refuserOf(file) });
  if (bytes === undefined) return undefined;
  return handleOf(context, parseMaintenanceRecord(bytes, { site: context.store.site.name, run }));
}

/** @throws RUN_NOT_FOUND, WORK_FOLDER_CHANGED, MAINTENANCE_NOT_FOUND, MAINTENANCE_RECORD_INVALID */
export async function openMaintenance(context: MaintenanceTarget, run: string): Promise<MaintenanceHandle> {
  const found = await findMaintenance(context, run);
  if (found !== undefined) return found;
  // Where there is not even the run, that is the better answer.
  await openRun(context.store, run);
  throw new UnderstudyError(
    'MAINTENANCE_NOT_FOUND',
    `Run ${run} of ${context.store.site.name} has no maintenance record.`,
  );
}

/** The record of a run, made empty and durable when there is none yet. @throws MAINTENANCE_RECORD_INVALID */
export async function startMaintenance(context: MaintenanceTarget, run: string): Promise<MaintenanceHandle> {
  const found = await findMaintenance(context, run);
  if (found !== undefined) return found;
  const handle = handleOf(context, {
    version: 1,
    run: assertRunId(run),
    site: context.store.site.name,
    createdAt: new Date().toISOString(),
    items: [],
  });
  await handle.update((same) => same);
  return handle;
}

function handleOf(context: MaintenanceTarget, initial: MaintenanceRecord): MaintenanceHandle {
  const { run, site } = initial;
  const workspace = openRunWorkspace(context.workspace, site, run);
  let record = initial;
  return {
    run,
    workspace,
    record: () => record,
    reload: async () => {
      const bytes = await readHostFile(context.store.staging, recordPath(context, run));
      if (bytes !== undefined) record = parseMaintenanceRecord(bytes, { site, run });
    },
    update: async (change) => {
      // Through our own parser: what we could not read again is not written.
      const text = `${JSON.stringify(change(record), null, 2)}\n`;
      const next = parseMaintenanceRecord(Buffer.from(text), { site, run });
      await writeHostFile(context.store.staging, recordPath(context, run), text);
      workspace.write('maintenance.json', text);
      record = next;
    },
    saveChecks: async (checks) => {
      const file = checksPath(context, run);
      const text = JSON.stringify(checks);
      // Through our own parser: what we could not read again is not written.
      parseCheckedRuns(Buffer.from(text), refuserOf(file));
      await writeHostFile(context.store.staging, file, text);
    },
    readChecks: async () => {
      const file = checksPath(context, run);
      const refuse = refuserOf(file);
      const bytes = await readHostFile(context.store.staging, file, { refuse });
      return bytes === undefined ? undefined : parseCheckedRuns(bytes, refuse);
    },
  };
}
