import { type Finding } from '../../errors/index.js';
import type { RouteClient, WayFrom } from './client-agent.js';
import type { OpenedRoute, RouteOptions } from './open-route.js';
import type { SshSettings } from '../ssh/open-ssh.js';

interface KeptRoute {
  readonly route: OpenedRoute;
  /** Until then its connection is not there for the calls after the proof. */
  readonly ready: Promise<unknown>;
}

/** Routes that the preflight proved, kept open for the stages that use them: opening one costs two logins. */
export class RoutePool {
  readonly #kept = new Map<string, KeptRoute>();
  readonly #checks = new Map<string, Promise<Finding[]>>();
  readonly #begun = new Map<string, Promise<RouteClient>>();
  #isSafe: Promise<boolean> | undefined;

  /** Before the guards have answered, proofs share no socket: staging may be production, where nothing is written. */
  shareWhen(isSafe: Promise<boolean>): void {
    this.#isSafe = isSafe;
  }

  #asGuardsAllow(options: RouteOptions): RouteOptions {
    return this.#isSafe === undefined ? options : { ...options, mayShare: this.#isSafe };
  }

  /** Begins to connect to a client of routes, before it is known what else they need. */
  prepare(way: WayFrom, settings: SshSettings): void {
    const { clientAddress: address } = way;
    const key = JSON.stringify(address);
    if (address.kind === 'local' || address.discover !== undefined || this.#begun.has(key)) return;
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

  /** Opens a route and proves it, as checkRoute; one without a fault is kept. A second call gets the first one's answer. */
  check(options: RouteOptions): Promise<Finding[]> {
    const key = keyOf(options);
    const known = this.#checks.get(key);
    if (known !== undefined) return known;
    const check = async (): Promise<Finding[]> => {
      const { checkRoute } = await import('./prove-route.js');
      return checkRoute(await this.#withClient(this.#asGuardsAllow(options)), this.#keep(options));
    };
    const checking = check();
    this.#checks.set(key, checking);
    return checking;
  }

  /** Opens a route that was proven a moment ago; the target speaks too, which nobody waits for. */
  async start(options: RouteOptions): Promise<Finding[]> {
    const { checkRoute, proveRoute } = await import('./prove-route.js');
    let ready: Promise<unknown> = Promise.resolve();
    const prove = (route: OpenedRoute): Promise<Finding[]> => {
      // What is wrong is reported by the call that meets it.
      if (route.sharing !== undefined) ready = proveRoute(route).catch(() => undefined);
      return Promise.resolve([]);
    };
    const keep = (route: OpenedRoute): void => void this.#kept.set(keyOf(options), { route, ready });
    return checkRoute(await this.#withClient(this.#asGuardsAllow(options)), keep, prove);
  }

  /** The route that was proven, if its connections still stand; else a new one. The caller closes it. */
  async open(options: RouteOptions): Promise<OpenedRoute> {
    const key = keyOf(options);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    await kept?.ready;
    if (kept?.route.isOpen() === true) return kept.route;
    await kept?.route.close();
    const { openRoute } = await import('./open-route.js');
    return openRoute(await this.#withClient(options));
  }

  #keep(options: RouteOptions) {
    return (route: OpenedRoute): void => {
      this.#kept.set(keyOf(options), { route, ready: Promise.resolve() });
    };
  }

  async close(): Promise<void> {
    // One that is being proven is there to be closed when it is.
    await Promise.allSettled(this.#checks.values());
    const routes = [...this.#kept.values()];
    this.#kept.clear();
    const started = [...this.#begun.values()].map(async (client) => (await client).close());
    this.#begun.clear();
    await Promise.allSettled([...started, ...routes.map(({ route }) => route.close())]);
  }
}

const keyOf = ({
  kind,
  clientAddress,
  clientWorkDir,
  target,
  targetSide,
  moreTrusted,
}: RouteOptions): string =>
  JSON.stringify([kind, clientAddress, clientWorkDir, target, targetSide, moreTrusted ?? []]);
