import { maintenanceOf } from '../../config/sections.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectHost } from '../../hosts/connect-host.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import {
  findMaintenance,
  openMaintenance,
  type MaintenanceHandle,
} from '../../maintenance/maintenance-store.js';
import { ProductionClaim } from '../../maintenance/promote/operation/claim.js';
import { type RecoveryContext } from '../../maintenance/promote/promotion-context.js';
import { Instances, portableWorkDir } from '../../maintenance/promote/operation/instances.js';
import { createBypassToken } from '../../maintenance/promote/page.js';
import { siteLayout, USUAL_LAYOUT } from '../../wordpress/site/site-layout.js';
import { reporterOf } from '../../report/events/reporter.js';
import { assertRunId } from '../../run/run-id.js';
import { type RunStore } from '../../run/run-record.js';
import { listRuns } from '../../run/run-store.js';
import { type Session } from '../session/session.js';

/** What a change of production needs. A rollback has no staging, or does not wait for it. */
export interface ProductionSession extends Pick<
  Session,
  'site' | 'hosts' | 'database' | 'wordpress' | 'console' | 'signal' | 'workspace' | 'events'
> {
  /** Where the records lie; undefined where staging does not answer within these seconds. */
  records(seconds: number): Promise<RunStore | undefined>;
}

export const asProductionSession = (session: Session): ProductionSession => ({
  ...session,
  records: () => Promise.resolve(session.store),
});

/** Opens the writing connections to every instance that serves production now, for one piece of work. */
export async function withProduction<Result>(
  session: ProductionSession,
  work: (context: RecoveryContext) => Promise<Result>,
  /** For the guard that keeps the trees apart: where staging's code goes to production. */
  staging?: ReadingHost,
): Promise<Result> {
  const { site, hosts } = session;
  const reporter = reporterOf(session);
  const { home } = await (await hosts.productionApplication()).identity();
  const claim = new ProductionClaim((text) => {
    reporter.step(text);
  });
  const workDir = portableWorkDir(site.production.workDir, home);
  const instances = new Instances(site, workDir, claim, staging);
  let database: Promise<WritingHost> | undefined;
  const layout =
    site.type === 'wordpress'
      ? siteLayout(site.production, await session.wordpress.production())
      : USUAL_LAYOUT;
  try {
    await instances.refresh();
    return await work({
      site,
      settings: maintenanceOf(site),
      instances,
      bypass: createBypassToken(),
      layout,
      reporter,
      // What undoes goes on when the promotion itself was interrupted.
      prePromotionBackup: async (run) => ({
        site,
        run,
        host: await hosts.productionDatabase(),
        access: await session.database.production(),
        signal: new AbortController().signal,
        step: (text) => {
          reporter.step(text);
        },
      }),
      databaseHost: () =>
        (database ??= connectHost(site.production.database.address, {
          side: 'production',
          name: 'production database',
        })),
    });
  } finally {
    await instances.close();
    await (await database?.catch(() => undefined))?.close();
  }
}

/** The named run, or the newest that was tested. */
export async function chooseMaintenance(
  session: Session,
  run: string | undefined,
): Promise<MaintenanceHandle> {
  if (run !== undefined) return openMaintenance(session, assertRunId(run));
  for (const { id } of await listRuns(session.store)) {
    const found = await findMaintenance(session, id);
    if (found?.record().testedTree !== undefined) return found;
  }
  throw new UnderstudyError('NOTHING_TESTED', `No run of ${session.site.name} matches.`);
}
