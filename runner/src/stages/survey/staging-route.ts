import { type Finding } from '../../errors/index.js';
import { openRoute, type RouteOptions } from '../../hosts/route/open-route.js';
import { checkRoute } from '../../hosts/route/route-pool.js';
import { type OpenedRoute } from '../../hosts/route/route.js';
import { type StageContext } from '../stage.js';

type RouteContext = Pick<StageContext, 'site' | 'hosts' | 'signal' | 'routes'>;

/** How one of production's hosts reaches staging (`content.route`); also what preflight proves. */
export async function stagingRouteOptions(
  { site, hosts, signal }: RouteContext,
  from: 'application' | 'database' = 'application',
): Promise<RouteOptions> {
  const isApplication = from === 'application';
  const { address, database, limits } = site.production;
  const [client, targetHost] = await Promise.all([
    isApplication ? hosts.productionApplication() : hosts.productionDatabase(),
    hosts.staging(),
  ]);
  return {
    kind: site.content.route,
    client,
    clientAddress: isApplication ? address : database.address,
    clientWorkDir: client.workDir,
    target: site.staging.address,
    targetHost,
    signal,
    megabitsPerSecond: limits.transferMegabits,
  };
}

/** Begins to prove the routes before the preflight asks for it: nothing takes longer. The preflight tells what is wrong. */
export function proveAhead(context: RouteContext): void {
  for (const from of ['application', 'database'] as const)
    stagingRouteOptions(context, from)
      .then((options) => context.routes?.check(options))
      .catch(() => undefined);
}

/** The preflight of a route, which is kept for a stage of this process where the process keeps routes. */
export const proveForStage = async (
  { routes }: StageContext,
  options: RouteOptions | Promise<RouteOptions>,
): Promise<readonly Finding[]> =>
  routes === undefined ? checkRoute(await options) : routes.check(await options);

/** The route that the preflight proved, or a new one. The caller closes it. */
export const routeForStage = ({ routes }: StageContext, options: RouteOptions): Promise<OpenedRoute> =>
  routes === undefined ? openRoute(options) : routes.open(options);

/** Opens the way from production to staging for one piece of work and closes it whatever happens. */
export async function withStagingRoute<Result>(
  context: StageContext,
  work: (route: OpenedRoute) => Promise<Result>,
): Promise<Result> {
  const route = await routeForStage(context, await stagingRouteOptions(context));
  try {
    return await work(route);
  } finally {
    await route.close();
  }
}
