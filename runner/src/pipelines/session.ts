import { setTimeout as sleep } from 'node:timers/promises';
import { type Site } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { connectHost, connectProduction, expandHome } from '../hosts/connect-host.js';
import { type ProductionHost, type WritingHost } from '../hosts/host.js';
import { type Console } from '../report/console.js';
import { type EventLog, noEventLog } from '../report/event-log.js';
import { type LockPlace } from '../run/lock.js';
import { type RunStore } from '../run/run-store.js';
import { type SyncHosts } from '../stages/stage.js';
import { readSides, type SideReaders } from './database-access.js';

/** Everything that one process has open for one site. */
export interface Session {
  /** With absolute work folders. */
  readonly site: Site;
  readonly hosts: SyncHosts;
  readonly database: SideReaders['database'];
  readonly wordpress: SideReaders['wordpress'];
  readonly store: RunStore;
  readonly lock: LockPlace;
  readonly console: Console;
  readonly signal: AbortSignal;
  /** Folder on this machine for events and reports. */
  readonly workspace: string;
  events(): EventLog;
  useEvents(events: EventLog): void;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly console: Console;
  readonly signal: AbortSignal;
  readonly workspace: string;
  /** The work will need both databases: everything that is needed to reach them is asked for from the beginning. */
  readonly databases?: boolean;
  /** Done while the hosts answer: what the work has to load and to prepare anyway. */
  readonly meanwhile?: () => Promise<void>;
}

/** Until the keys are read and the connections are under way; the hosts need several times as long to answer. */
const UNDER_WAY_MS = 5;

/**
 * Connects to production's application host and to staging at the same time; the database hosts when first used.
 * @throws HOST_UNREACHABLE, HOST_KEY_UNKNOWN …: every host that does not answer is named, not just the first
 */
export async function openSession(raw: Site, options: SessionOptions): Promise<Session> {
  const hosts = createSyncHosts(raw, options.signal);
  const sides = readSides(raw, hosts);
  try {
    if (options.databases === true) askAhead(hosts, sides);
    const connecting = bothOrAllProblems(
      hosts.productionApplication(),
      hosts.staging().then(async (host) => ({
        staging: host,
        stagingWorkDir: await expandHome(host, raw.staging.workDir),
      })),
    );
    if (options.meanwhile !== undefined) {
      await Promise.race([connecting, sleep(UNDER_WAY_MS)]);
      await options.meanwhile();
    }
    const [production, { staging, stagingWorkDir }] = await connecting;
    const site: Site = {
      ...raw,
      production: { ...raw.production, workDir: production.workDir },
      staging: { ...raw.staging, workDir: stagingWorkDir },
    };
    let events: EventLog = noEventLog;
    return {
      site,
      hosts,
      ...sides,
      store: {
        staging,
        stagingWorkDir: site.staging.workDir,
        site,
      },
      lock: { staging, workDir: site.staging.workDir, site: site.name },
      console: options.console,
      signal: options.signal,
      workspace: options.workspace,
      events: () => events,
      useEvents: (next) => {
        events = next;
      },
      close: () => hosts.close(),
    };
  } catch (error) {
    await hosts.close();
    throw error;
  }
}

/** Whoever asks later gets the answer, or the error; here an error stays silent. */
function askAhead(hosts: SyncHosts, { database }: SideReaders): void {
  void Promise.allSettled([
    hosts.productionDatabase(),
    hosts.stagingDatabase(),
    database.production(),
    database.staging(),
  ]);
}

function createSyncHosts(site: Site, signal: AbortSignal): SyncHosts {
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
  const connectOwn = (name: string, address: typeof production.address): Promise<ProductionHost> =>
    connectProduction(address, { name, workDir: production.workDir, signal });
  const connectStaging = (name: string, address: typeof staging.address): Promise<WritingHost> =>
    connectHost(address, { side: 'staging', name, signal });

  const productionApplication = once(() => connectOwn('production application', production.address));
  const stagingHost = once(() => connectStaging('staging', staging.address));
  const productionDatabase = sameAddress(production.address, production.database.address)
    ? productionApplication
    : once(() => connectOwn('production database', production.database.address));
  const stagingDatabase = sameAddress(staging.address, staging.database.address)
    ? stagingHost
    : once(() => connectStaging('staging database', staging.database.address));
  return {
    productionApplication,
    productionDatabase,
    staging: stagingHost,
    stagingDatabase,
    close: async () => {
      await Promise.allSettled(opened.map(async (host) => (await host).close()));
    },
  };
}

const sameAddress = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

async function bothOrAllProblems<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  const reasons = [first, second].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  throw combineErrors(reasons);
}

/** One error stays itself; of several the first leads and the others are listed below it. */
function combineErrors(reasons: readonly unknown[]): unknown {
  const [first, ...others] = reasons;
  if (others.length === 0 || !(first instanceof UnderstudyError)) return first;
  return new UnderstudyError(first.code, first.message, {
    details: [
      ...first.details,
      ...others.map((other) => (other instanceof Error ? `also: ${other.message}` : String(other))),
    ],
    next: first.next,
    ...(first.host === undefined ? {} : { host: first.host }),
  });
}
