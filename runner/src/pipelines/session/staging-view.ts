import { type Site } from '../../config/site.js';
import { expandHome } from '../../hosts/connect-host.js';
import { type LockTarget } from '../../run/lock.js';
import { type RunStore } from '../../run/run-record.js';
import { RunFence } from './run-fence.js';
import { createSyncHosts, type SiteReaders } from './sync-hosts.js';
import { type SiteHosts } from '../../run/site-context.js';

/** What a command has open that looks at staging alone: production may be away. */
export interface StagingView {
  readonly site: Site;
  readonly store: RunStore;
  readonly lock: LockTarget;
  /** Connected when first asked. */
  readonly readers: SiteReaders;
  readonly hosts: Pick<SiteHosts, 'productionApplication'>;
  close(): Promise<void>;
}

/** @throws HOST_UNREACHABLE … */
export async function openStagingView(
  site: Site,
  { signal, workspace }: { readonly signal: AbortSignal; readonly workspace: string },
): Promise<StagingView> {
  const { hosts, readers, unfenced } = createSyncHosts(site, signal, new RunFence());
  try {
    const staging = await unfenced.staging();
    const workDir = await expandHome(staging, site.staging.workDir);
    return {
      site,
      store: { staging, stagingWorkDir: workDir, site, workspace },
      lock: { staging, workDir, site: site.name },
      readers,
      hosts,
      close: () => hosts.close(),
    };
  } catch (error) {
    await hosts.close();
    throw error;
  }
}
