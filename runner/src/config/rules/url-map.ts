import { type DraftSite } from '../load/draft.js';
import { listOf, mappingOf, textOf, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { type PairRule, type Rule } from './rule.js';
import { liesBelow, sameUrl, urlIdentity } from './url-identity.js';

/** One replacement of an address that the site file declares. */
interface MapEntry {
  readonly path: KeyPath;
  readonly from: string;
  readonly to: string;
}

/** `rewrite.network`, and those of `rewrite.pairs` that are addresses. */
function mapEntries({ raw }: DraftSite): MapEntry[] {
  const rewrite = mappingOf(raw['rewrite']);
  const network = Object.entries(mappingOf(rewrite['network'])).map(([from, to]) => ({
    path: ['rewrite', 'network', from],
    from,
    to: textOf(to) ?? '',
  }));
  const pairs = listOf(rewrite['pairs']).flatMap((each, index) => {
    const { from, to, kind } = mappingOf(each);
    const isAddress = kind === undefined || kind === 'url' || kind === 'host';
    return isAddress && typeof from === 'string' && typeof to === 'string'
      ? [{ path: ['rewrite', 'pairs', index], from, to }]
      : [];
  });
  return [...network, ...pairs].filter(({ from, to }) => urlIdentity(from) && urlIdentity(to));
}

const networkSites = ({ raw }: DraftSite): string[] =>
  Object.keys(mappingOf(mappingOf(raw['rewrite'])['network']));

/** A target on staging's own address is one, also where staging lies in a folder below production's host. */
const isOnStaging = ({ staging }: DraftSite, address: string): boolean =>
  staging.url !== undefined && liesBelow(address, staging.url);

/** An entry whose ends are one address rewrites nothing; one that leads to production makes staging link there. */
export const urlMap: Rule = (site) => {
  const entries = mapEntries(site);
  const production = [site.production.url ?? [], entries.map(({ from }) => from)].flat();
  return entries.flatMap((entry, index): Complaint[] => {
    if (sameUrl(entry.from, entry.to))
      return [
        {
          path: entry.path,
          message: 'Both ends are the same address, so staging would keep production’s.',
          ...suggestion(site, entry),
        },
      ];
    if (!isOnStaging(site, entry.to) && production.some((address) => liesBelow(entry.to, address)))
      return [
        {
          path: entry.path,
          message: `The target ${entry.to} is an address of production.`,
          ...suggestion(site, entry),
        },
      ];
    const twin = entries
      .slice(0, index)
      .find(({ from, to }) => sameUrl(to, entry.to) && !sameUrl(from, entry.from));
    const isNetwork = entry.path[1] === 'network' && twin?.path[1] === 'network';
    return isNetwork
      ? [
          {
            path: entry.path,
            message: `The target ${entry.to} is that of ${twin.from} as well: two sites cannot have one address.`,
          },
        ]
      : [];
  });
};

/** No target is the production of another site file either. */
export const urlMapLeadsElsewhere: PairRule = (site, other) => {
  const production = [other.production.url ?? [], networkSites(other)].flat();
  return mapEntries(site)
    .filter(({ to }) => !isOnStaging(site, to) && production.some((address) => liesBelow(to, address)))
    .map((entry) => ({
      path: entry.path,
      message: `The target ${entry.to} is an address of production of the site ${other.name}.`,
      ...suggestion(site, entry),
    }));
};

/** The line to write: the same name below staging's host. */
function suggestion(site: DraftSite, { path, from }: MapEntry): { suggestion?: string } {
  const staging = site.staging.url === undefined ? undefined : urlIdentity(site.staging.url);
  const production = urlIdentity(from);
  if (staging === undefined || production === undefined) return {};
  const target = `${production.host.split('.')[0] ?? ''}.${staging.host}${production.folder}`;
  return {
    suggestion:
      path[1] === 'network' ? `write "${from}": ${target}` : `write an address of staging, such as ${target}`,
  };
}
