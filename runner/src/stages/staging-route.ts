import { openRoute, type OpenedRoute, type RouteOptions } from '../hosts/open-route.js';
import { type StageContext } from './stage.js';

/** How production's application host reaches staging (`content.route`); also what preflight proves. */
export async function stagingRouteOptions({ site, hosts, signal }: StageContext): Promise<RouteOptions> {
  const client = await hosts.productionApplication();
  return {
    kind: site.content.route,
    client,
    clientAddress: site.production.address,
    clientWorkDir: client.workDir,
    target: site.staging.address,
    targetSide: 'staging',
    signal,
  };
}

/** Opens the way from production to staging for one piece of work and closes it whatever happens. */
export async function withStagingRoute<Result>(
  context: StageContext,
  work: (route: OpenedRoute) => Promise<Result>,
): Promise<Result> {
  const route = await openRoute(await stagingRouteOptions(context));
  try {
    return await work(route);
  } finally {
    await route.close();
  }
}
