import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Site } from '../../config/site.js';
import { PreflightConnections } from '../../database/connection/preflight-connections.js';
import { SessionPool } from '../../database/connection/session-pool.js';
import { type Finding, UnderstudyError } from '../../errors/index.js';
import { expandHome } from '../../hosts/connect-host.js';
import { type ReadingHost } from '../../hosts/host.js';
import { RoutePool } from '../../hosts/route/route-pool.js';
import { type Console } from '../../report/terminal/console.js';
import { type EventLog, noEventLog } from '../../report/events/event-log.js';
import { type LockTarget } from '../../run/lock.js';
import { type RunStore } from '../../run/run-record.js';
import { readSides } from './database-access.js';
import { rememberReadings } from './last-readings.js';
import { RunFence } from './run-fence.js';
import { createSyncHosts, type SiteReaders } from './sync-hosts.js';
import { type SiteHosts, type SideReaders } from '../../run/site-context.js';

/** Everything that one process has open for one site. */
export interface Session {
  /** With absolute work folders. */
  readonly site: Site;
  readonly hosts: SiteHosts;
  readonly database: SideReaders['database'];
  readonly wordpress: SideReaders['wordpress'];
  /** For the same-target check, which looks at the trees of both sides. */
  readonly readers: SiteReaders;
  /** The connections over which guards and preflight ask the databases. */
  readonly preflightConnections: PreflightConnections;
  /** Routes that the preflight has proven and a stage of this process will use; undefined: none is kept. */
  readonly routes?: RoutePool;
  /** What the same-target check answers, where it was asked from the beginning; the answers are given out once. */
  takeGuards(): readonly Promise<readonly Finding[]>[] | undefined;
  readonly store: RunStore;
  readonly lock: LockTarget;
  /** What every change on staging is checked against. */
  readonly fence: RunFence;
  readonly console: Console;
  /** Aborted by a signal to this process, and by {@link stop}. */
  readonly signal: AbortSignal;
  /** Ends the work of this process: it must not change anything any more. */
  stop(reason: UnderstudyError): void;
  /** Folder on this machine for events and reports. */
  readonly workspace: string;
  events(): EventLog;
  useEvents(events: EventLog): void;
  /** Takes work that nothing waits for but {@link ended}; its failure is ignored. */
  readonly atEnd: (work: Promise<unknown>) => void;
  /** What was given to {@link atEnd} is done. */
  ended(): Promise<void>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly console: Console;
  readonly signal: AbortSignal;
  readonly workspace: string;
  /** The work will need both databases, and the same-target check: they are asked for from the beginning. */
  readonly databases?: boolean;
  /** Done while the hosts answer: what the work has to load and to prepare anyway. */
  readonly meanwhile?: () => Promise<void>;
  /** The work puts back what staging served before, whatever its settings say now. */
  readonly goesBack?: boolean;
  /** From which of production's hosts the work needs a route to staging; its preflight opens it. */
  readonly routesFrom?: readonly ('application' | 'database')[];
}

/** Until the keys are read and the connections are under way; the hosts need several times as long to answer. */
const UNDER_WAY_MS = 5;

/**
 * Connects to production's application host and to staging at the same time; the database hosts when first used.
 * @throws HOST_UNREACHABLE, HOST_KEY_UNKNOWN …: every host that does not answer is named, not just the first
 */
export async function openSession(raw: Site, options: SessionOptions): Promise<Session> {
  const fence = new RunFence();
  const { signal, stop } = stoppable(options.signal);
  const { hosts, readers, unfenced } = createSyncHosts(raw, signal, fence);
  const pool = new SessionPool();
  const memory = rememberReadings(options.workspace, raw.name);
  const sides = readSides(raw, readers, fence.database, {
    goesBack: options.goesBack === true,
    pool,
    memory,
  });
  const preflightConnections = new PreflightConnections({ hosts, database: sides.database, signal });
  const routes = options.routesFrom === undefined ? undefined : new RoutePool();
  const late: Promise<unknown>[] = [];
  const ended = async () => void (await Promise.allSettled(late));
  const close = async (): Promise<void> => {
    await Promise.all([ended(), preflightConnections.close(), routes?.close(), fence.database.release()]);
    await pool.close();
    await hosts.close();
  };
  try {
    if (options.databases === true) {
      askAhead(hosts, sides);
      openStreamsAhead(raw, { readers, hosts }, pool, memory);
    }
    for (const from of options.routesFrom ?? []) {
      const { address: clientAddress } = from === 'application' ? raw.production : raw.production.database;
      const { address: target } = raw.staging;
      const way = { kind: raw.content.route, client: { label: `production ${from}` }, clientAddress };
      if (target.kind === 'ssh') routes?.prepare({ ...way, target }, { signal });
    }
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
    let guards =
      options.databases === true
        ? (await import('./same-target-check.js')).askGuards({ site: raw, readers, preflightConnections })
        : undefined;
    const [production, { staging, stagingWorkDir }] = await connecting;
    const site: Site = {
      ...raw,
      production: { ...raw.production, workDir: production.workDir },
      staging: { ...raw.staging, workDir: stagingWorkDir },
    };
    fence.place(stagingWorkDir);
    let events: EventLog = noEventLog;
    return {
      site,
      hosts,
      ...sides,
      readers,
      preflightConnections,
      ...(routes === undefined ? {} : { routes }),
      takeGuards: () => {
        const answers = guards;
        guards = undefined;
        return answers;
      },
      store: {
        staging,
        stagingWorkDir: site.staging.workDir,
        site,
        workspace: options.workspace,
      },
      lock: { staging: await unfenced.staging(), workDir: site.staging.workDir, site: site.name },
      fence,
      console: options.console,
      signal,
      stop,
      workspace: options.workspace,
      events: () => events,
      useEvents: (next) => {
        events = next;
      },
      atEnd: (work) => {
        work.catch(() => undefined);
        late.push(work);
      },
      ended,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A signal that follows the given one, and can be aborted by itself. */
function stoppable(given: AbortSignal): Pick<Session, 'signal' | 'stop'> {
  const controller = new AbortController();
  setMaxListeners(100, controller.signal);
  const stop = (reason: unknown): void => {
    controller.abort(reason);
  };
  if (given.aborted) stop(given.reason);
  given.addEventListener('abort', () => {
    stop(given.reason);
  });
  return { signal: controller.signal, stop };
}

/**
 * A stream to a database's server is opened while the settings are read that name it, where it is known from the last time
 * or from the site file. It is used if they name that server.
 */
function openStreamsAhead(
  site: Site,
  { readers, hosts }: { readonly readers: SiteReaders; readonly hosts: SiteHosts },
  pool: SessionPool,
  memory: ReturnType<typeof rememberReadings>,
): void {
  const open = async (side: 'production' | 'staging', host: Promise<ReadingHost>, count: number) => {
    const { container, server = memory[side].last?.server } = site[side].database;
    // Each would be a process in the container.
    if (server === undefined || container !== undefined) return;
    pool.openStreams(await host, server, count);
  };
  // Two for each preflight: of production's, short questions have one of their own, of staging's the trial of its client.
  for (const each of [
    open('production', readers.productionDatabase(), 2),
    open('staging', hosts.stagingDatabase(), 2),
  ])
    each.catch(() => undefined);
}

/** Anyone who asks later gets the answer, or the error; here an error stays silent. */
function askAhead(hosts: SiteHosts, { database }: SideReaders): void {
  void Promise.allSettled([
    hosts.productionDatabase(),
    hosts.stagingDatabase(),
    database.production(),
    database.staging(),
  ]);
}

async function bothOrAllProblems<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  const reasons = [first, second].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  throw combineErrors(reasons);
}

/** One error stays itself; of several the first leads and the others are listed below it, but for the same once more. */
function combineErrors(reasons: readonly unknown[]): unknown {
  const [first, ...others] = reasons;
  if (others.length === 0 || !(first instanceof UnderstudyError)) return first;
  return new UnderstudyError(first.code, first.message, {
    details: [
      ...first.details,
      ...others
        .filter((other) => !(other instanceof Error) || other.message !== first.message)
        .map((other) => (other instanceof Error ? `also: ${other.message}` : String(other))),
    ],
    next: first.next,
    host: first.host,
  });
}
