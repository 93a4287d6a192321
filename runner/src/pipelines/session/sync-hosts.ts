import { type Site } from '../../config/site.js';
import { asProduction, connectHost } from '../../hosts/connect-host.js';
import { fencedHost, type HostFence } from '../../hosts/guard/fenced-host.js';
import { type ProductionHost, type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { type SiteHosts } from '../../run/site-context.js';

/** Where the sites' files lie, to be read from as soon as the connection stands: before the work folder is known. */
export interface SiteReaders {
  production(): Promise<ReadingHost>;
  staging(): Promise<ReadingHost>;
  productionDatabase(): Promise<ReadingHost>;
}

/** The hosts of a site, each connected when it is first asked for, those with one address once. */
export function createSyncHosts(
  site: Site,
  signal: AbortSignal,
  fence: HostFence,
): {
  readonly hosts: SiteHosts;
  readonly readers: SiteReaders;
  /** For the lock itself. */
  readonly unfenced: { staging(): Promise<WritingHost> };
} {
  const opened: Promise<{ close(): Promise<void> }>[] = [];
  const once = <Host extends { close(): Promise<void> }>(
    open: () => Promise<Host>,
  ): (() => Promise<Host>) => {
    let host: Promise<Host> | undefined;
    return () => {
      if (host === undefined) {
        host = open();
        opened.push(host);
      }
      return host;
    };
  };
  const { production, staging } = site;
  const connect = (side: 'production' | 'staging', name: string, address: typeof staging.address) =>
    once((): Promise<WritingHost> => connectHost(address, { side, name, signal }));
  const restrict = (open: () => Promise<WritingHost>) =>
    once(async (): Promise<ProductionHost> => asProduction(await open(), production.workDir));

  const application = connect('production', 'production application', production.address);
  const productionApplication = restrict(application);
  const openStaging = connect('staging', 'staging', staging.address);
  const stagingHost = once(async () => fencedHost(await openStaging(), fence));
  const isOneHost = sameAddress(production.address, production.database.address);
  const database = isOneHost
    ? application
    : connect('production', 'production database', production.database.address);
  const productionDatabase = isOneHost ? productionApplication : restrict(database);
  const stagingDatabase = sameAddress(staging.address, staging.database.address)
    ? stagingHost
    : connect('staging', 'staging database', staging.database.address);
  return {
    readers: { production: application, staging: stagingHost, productionDatabase: database },
    unfenced: { staging: openStaging },
    hosts: {
      productionApplication,
      productionDatabase,
      staging: stagingHost,
      stagingDatabase,
      close: async () => {
        await Promise.allSettled(opened.map(async (host) => (await host).close()));
      },
    },
  };
}

const sameAddress = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
