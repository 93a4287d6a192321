import { type Finding } from '../../errors/index.js';
import { type HostAddress } from '../../config/site.js';
import type { OpenedRoute, RouteClient, RouteOptions } from './open-route.js';
import type { SshSettings } from '../ssh/open-ssh.js';

/** Routes that the preflight proved, kept open for the stages that use them: opening one costs two logins. */
export class RoutePool {
  readonly #kept = new Map<string, OpenedRoute>();
  readonly #begun = new Map<string, Promise<RouteClient>>();

  /** Begins to connect to a client of routes, before it is known what else they need. */
  prepare(label: string, address: HostAddress, settings: SshSettings): void {
    const key = JSON.stringify(address);
    if (address.kind === 'local' || address.discover !== undefined || this.#begun.has(key)) return;
    this.#begun.set(
      key,
      import('./open-route.js').then(({ startRouteClient }) => startRouteClient(label, address, settings)),
    );
  }

  async #withClient(options: RouteOptions): Promise<RouteOptions> {
    const key = JSON.stringify(options.clientAddress);
    const started = await this.#begun.get(key);
    this.#begun.delete(key);
    return started === undefined ? options : { ...options, started };
  }

  /** Opens a route and proves it, as checkRoute; one without a fault is kept. */
  async check(options: RouteOptions): Promise<Finding[]> {
    const { checkRoute } = await import('./prove-route.js');
    return checkRoute(await this.#withClient(options), this.#keep(options));
  }

  /** Opens a route that was proven a moment ago: forward, agent and key, but the target is not asked to speak. */
  async start(options: RouteOptions): Promise<Finding[]> {
    const { checkRoute } = await import('./prove-route.js');
    return checkRoute(await this.#withClient(options), this.#keep(options), () => Promise.resolve([]));
  }

  /** The route that was proven, if its connections still stand; else a new one. The caller closes it. */
  async open(options: RouteOptions): Promise<OpenedRoute> {
    const key = keyOf(options);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept?.isOpen() === true) return kept;
    await kept?.close();
    const { openRoute } = await import('./open-route.js');
    return openRoute(await this.#withClient(options));
  }

  #keep(options: RouteOptions) {
    return (route: OpenedRoute): void => {
      this.#kept.set(keyOf(options), route);
    };
  }

  async close(): Promise<void> {
    const routes = [...this.#kept.values()];
    this.#kept.clear();
    const started = [...this.#begun.values()].map(async (client) => (await client).close());
    this.#begun.clear();
    await Promise.allSettled([...started, ...routes.map((route) => route.close())]);
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
