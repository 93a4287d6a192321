import { setTimeout as sleep } from 'node:timers/promises';
import { type Site } from '../../config/site.js';
import { expandHome } from '../../hosts/connect-host.js';
import { noEventLog } from '../../report/events/event-log.js';
import { type RunStore } from '../../run/run-record.js';
import { readSides } from './database-access.js';
import { type ProductionSession } from '../promotion/with-production.js';
import { RunFence } from './run-fence.js';
import { type SessionOptions } from './session.js';
import { createSyncHosts } from './sync-hosts.js';

/**
 * For commands that change production alone: a rollback waits for nothing that is only about staging, neither its lock nor
 * its machine.
 */
export async function openProductionSession(
  raw: Site,
  options: Pick<SessionOptions, 'console' | 'signal' | 'workspace'>,
): Promise<ProductionSession & { close(): Promise<void> }> {
  // It holds no lock: nothing of staging is changed but a line of a record.
  const fence = new RunFence();
  const { hosts, readers } = createSyncHosts(raw, options.signal, fence);
  const store = openStore(raw, hosts, options.workspace);
  store.catch(() => undefined);
  try {
    const production = await hosts.productionApplication();
    const site = { ...raw, production: { ...raw.production, workDir: production.workDir } };
    return {
      ...options,
      site,
      hosts,
      ...readSides(site, readers, fence.database),
      events: () => noEventLog,
      records: (seconds) =>
        Promise.race([store.catch(() => undefined), sleep(seconds * 1000, undefined, { ref: false })]),
      close: () => closeSoon(hosts),
    };
  } catch (error) {
    await closeSoon(hosts);
    throw error;
  }
}

async function openStore(
  raw: Site,
  hosts: ReturnType<typeof createSyncHosts>['hosts'],
  workspace: string,
): Promise<RunStore> {
  const staging = await hosts.staging();
  const stagingWorkDir = await expandHome(staging, raw.staging.workDir);
  return {
    staging,
    stagingWorkDir,
    workspace,
    site: { ...raw, staging: { ...raw.staging, workDir: stagingWorkDir } },
  };
}

/** A host that does not answer must not keep the command from ending. */
const closeSoon = (hosts: { close(): Promise<void> }): Promise<void> =>
  Promise.race([hosts.close(), sleep(2000, undefined, { ref: false })]);
