import { posix } from 'node:path';
import { type Finding, several, UnderstudyError } from '../../errors/index.js';
import { type ProductionLink } from '../rsync/change-list.js';
import { showName } from '../rsync/parse-rsync.js';

export interface LinkPlaces {
  readonly productionPath: string;
  readonly folders: { readonly live: string };
  readonly sameMachine: boolean;
  readonly productionLabel: string;
}

/**
 * Links are copied as links. Those that lead out of the site are named; on one machine a new link into production's folder
 * stops the sync, because staging would write through it.
 */
export function checkLinks(links: readonly ProductionLink[], places: LinkPlaces): readonly Finding[] {
  const intoProduction = places.sameMachine ? links.filter((link) => leadsIntoProduction(link, places)) : [];
  const fresh = intoProduction.filter(({ changed }) => changed);
  if (fresh.length > 0)
    throw new UnderstudyError(
      'CONTENT_LINK_TO_PRODUCTION',
      `On staging, ${describe(fresh)} would lead into production's folder ${places.productionPath}.`,
      { host: places.productionLabel, details: fresh.map(show) },
    );
  if (links.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'CONTENT_LINK_OUTSIDE',
      message: `Links that lead out of the site were copied as they are: ${links.slice(0, 5).map(show).join(', ')}${links.length > 5 ? ', …' : ''}.`,
      host: places.productionLabel,
    },
  ];
}

const show = ({ path, target }: ProductionLink): string => `${showName(path)} → ${showName(target)}`;
const describe = (links: readonly ProductionLink[]): string =>
  links.length === 1 ? `the link ${showName(links[0]?.path ?? Buffer.of())}` : several(links.length, 'link');

function leadsIntoProduction({ path, target }: ProductionLink, places: LinkPlaces): boolean {
  const from = posix.join(places.folders.live, posix.dirname(path.toString('latin1')));
  const reached = posix.resolve(from, target.toString('latin1'));
  return reached === places.productionPath || reached.startsWith(`${places.productionPath}/`);
}
