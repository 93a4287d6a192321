import { findingOf, isErrorFinding, type Finding, UnderstudyError } from '../../errors/index.js';
import { type SshSettings } from '../ssh/open-ssh.js';
import type { RouteClient, WayFrom } from './client-agent.js';
import { openRoute, type RouteOptions } from './open-route.js';
import { type OpenedRoute } from './route.js';

/**
 * Opens a route and proves it. Changes nothing.
 * @param keep takes over a route without a fault; without it the route is closed again
 * @param prove false: it was proven a moment ago
 */
export async function checkRoute(
  options: RouteOptions,
  keep?: (route: OpenedRoute) => void,
  prove = true,
): Promise<Finding[]> {
  let route: OpenedRoute | undefined;
  try {
    route = await openRoute(options);
    const findings = prove ? await route.prove() : [];
    if (keep !== undefined && !findings.some(isErrorFinding)) {
      keep(route);
      route = undefined;
    }
    return findings;
  } catch (error) {
    if (error instanceof UnderstudyError && error.code !== 'INTERRUPTED') return [findingOf(error)];
    throw error;
  } finally {
    await route?.close();
  }
}

/** Routes that the preflight proved, kept open for the stages that use them: opening a direct one costs two logins. */
export class RoutePool {
  readonly #kept = new Map<string, OpenedRoute>();
  readonly #checks = new Map<string, Promise<Finding[]>>();
  readonly #begun = new Map<string, Promise<RouteClient>>();

  /** Begins to connect to the client of a direct route, before it is known what else it needs. */
  prepare(way: WayFrom, settings: SshSettings): void {
    const { kind, clientAddress: address } = way;
    const key = JSON.stringify(address);
    if (
      kind !== 'direct' ||
      address.kind === 'local' ||
      address.discover !== undefined ||
      this.#begun.has(key)
    )
      return;
    this.#begun.set(
      key,
      import('./client-agent.js').then(({ startRouteClient }) => startRouteClient(way, settings)),
    );
  }

  async #withClient(options: RouteOptions): Promise<RouteOptions> {
    const key = JSON.stringify(options.clientAddress);
    const started = await this.#begun.get(key);
    this.#begun.delete(key);
    return started === undefined ? options : { ...options, started };
  }

  /** As {@link checkRoute}; a route without a fault is kept. A second call gets the first one's answer. */
  check(options: RouteOptions): Promise<Finding[]> {
    const key = keyOf(options);
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const checking = this.#open(options, true);
    this.#checks.set(key, checking);
    return checking;
  }

  /** Opens a route that was proven a moment ago. What is wrong with it is reported by the call that meets it. */
  start(options: RouteOptions): Promise<Finding[]> {
    return this.#open(options, false);
  }

  async #open(options: RouteOptions, prove: boolean): Promise<Finding[]> {
    const keep = (route: OpenedRoute): void => void this.#kept.set(keyOf(options), route);
    return checkRoute(await this.#withClient(options), keep, prove);
  }

  /** The route that was proven, if its connections still stand; else a new one. The caller closes it. */
  async open(options: RouteOptions): Promise<OpenedRoute> {
    const key = keyOf(options);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept?.isOpen() === true) return kept;
    await kept?.close();
    return openRoute(await this.#withClient(options));
  }

  async close(): Promise<void> {
    // One that is being proven is there to be closed when it is.
    await Promise.allSettled(this.#checks.values());
    const routes = [...this.#kept.values()];
    this.#kept.clear();
    const started = [...this.#begun.values()].map(async (client) => (await client).close());
    this.#begun.clear();
    await Promise.allSettled([...started, ...routes.map((route) => route.close())]);
  }
}

const keyOf = ({ kind, clientAddress, clientWorkDir, target }: RouteOptions): string =>
  JSON.stringify([kind, clientAddress, clientWorkDir, target]);
