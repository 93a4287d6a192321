import { type Finding } from '../errors/index.js';
import type { OpenedRoute, RouteOptions } from './open-route.js';

/** Routes that the preflight proved, kept open for the stages that use them: opening one costs two logins. */
export class KeptRoutes {
  readonly #kept = new Map<string, OpenedRoute>();

  /** Opens a route and proves it, as checkRoute; one without a fault is kept. */
  async check(options: RouteOptions): Promise<Finding[]> {
    const { checkRoute } = await import('./prove-route.js');
    return checkRoute(options, this.#keep(options));
  }

  /** Opens a route that was proven a moment ago: forward, agent and key, but the target is not asked to speak. */
  async begin(options: RouteOptions): Promise<Finding[]> {
    const { checkRoute } = await import('./prove-route.js');
    return checkRoute(options, this.#keep(options), () => Promise.resolve([]));
  }

  /** The route that was proven, if its connections still stand; else a new one. The caller closes it. */
  async open(options: RouteOptions): Promise<OpenedRoute> {
    const key = keyOf(options);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept?.isOpen() === true) return kept;
    await kept?.close();
    const { openRoute } = await import('./open-route.js');
    return openRoute(options);
  }

  #keep(options: RouteOptions) {
    return (route: OpenedRoute): void => {
      this.#kept.set(keyOf(options), route);
    };
  }

  async close(): Promise<void> {
    const routes = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.allSettled(routes.map((route) => route.close()));
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
