import { maintenanceOf } from '../config/sections.js';
import { UnderstudyError } from '../errors/index.js';
import { connectHost } from '../hosts/connect-host.js';
import { type WritingHost } from '../hosts/host.js';
import { type MaintenanceRecord } from '../maintenance/maintenance-record.js';
import {
  findMaintenance,
  openMaintenance,
  type MaintenanceHandle,
} from '../maintenance/maintenance-store.js';
import { type RecoveryContext } from '../maintenance/promote/context.js';
import { type DatabaseSafety } from '../maintenance/promote/database-safety.js';
import { Instances, portableWorkDir } from '../maintenance/promote/instances.js';
import { createPass } from '../maintenance/promote/page.js';
import { createReporter } from '../report/reporter.js';
import { assertRunId } from '../run/run-id.js';
import { listRuns } from '../run/run-store.js';
import { type Session } from './session.js';

interface OpenedProduction {
  readonly context: RecoveryContext;
  close(): Promise<void>;
}

/** The writing connections to production: to every instance that serves it now. Promotions alone open them. */
async function openProduction(session: Session): Promise<OpenedProduction> {
  const { site, hosts, signal } = session;
  const [application, staging] = await Promise.all([hosts.productionApplication(), hosts.staging()]);
  const { home } = await application.identity();
  const instances = new Instances(site, portableWorkDir(site.production.workDir, home), staging, signal);
  let database: Promise<WritingHost> | undefined;
  const reporter = createReporter(session.console, session.events());
  const safety = async (run: string): Promise<DatabaseSafety> => ({
    site,
    run,
    host: await hosts.productionDatabase(),
    access: await session.database.production(),
    signal,
    step: (text) => {
      reporter.step(text);
    },
  });
  const close = async (): Promise<void> => {
    await instances.close();
    await (await database?.catch(() => undefined))?.close();
  };
  try {
    await instances.refresh();
  } catch (error) {
    await close();
    throw error;
  }
  const context: RecoveryContext = {
    site,
    settings: maintenanceOf(site),
    instances,
    pass: createPass(),
    reporter,
    // What undoes goes on when the promotion itself was interrupted.
    safety: async (run) => ({ ...(await safety(run)), signal: new AbortController().signal }),
    databaseHost: () =>
      (database ??= connectHost(site.production.database.address, {
        side: 'production',
        name: 'production database',
      })),
  };
  return { context, close };
}

/** Opens the writing connections for one piece of work. */
export async function withProduction<Result>(
  session: Session,
  work: (context: RecoveryContext) => Promise<Result>,
): Promise<Result> {
  const { context, close } = await openProduction(session);
  try {
    return await work(context);
  } finally {
    await close();
  }
}

/** The named run, or the newest that was tested. */
export async function chooseMaintenance(
  session: Session,
  run: string | undefined,
  fits: (record: MaintenanceRecord) => boolean = (record) => record.testedTree !== undefined,
): Promise<MaintenanceHandle> {
  if (run !== undefined) return openMaintenance(session, assertRunId(run));
  for (const { id } of await listRuns(session.store)) {
    const found = await findMaintenance(session, id);
    if (found !== undefined && fits(found.record())) return found;
  }
  throw new UnderstudyError('NOTHING_TESTED', `No run of ${session.site.name} fits.`);
}
