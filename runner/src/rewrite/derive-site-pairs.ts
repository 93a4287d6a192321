import { type ReplacementPair } from './contract.js';
import { formatAddress, parseSiteAddress, type SiteAddress } from './match/site-address.js';

export interface SitePairOptions {
  /** `one` (default): the form with or without www only redirects, so both become staging. `both`: it is left. */
  readonly wwwServed?: 'one' | 'both';
  /** Multisite: the other sites of the network, each with its own target. */
  readonly sites?: readonly { readonly from: string; readonly to: string }[];
}

function otherWwwForm(address: SiteAddress): SiteAddress | undefined {
  if (address.host.startsWith('www.')) return { ...address, host: address.host.slice(4) };
  const isName = address.host.includes('.') && !/^[\d.]+$/.test(address.host);
  return isName ? { ...address, host: `www.${address.host}` } : undefined;
}

const bare = (address: SiteAddress): string => formatAddress({ ...address, scheme: '' });

/** URL and bare-host pair of one address. A host without a dot (`localhost`) is an ordinary word: URL only. */
function pairsOf(from: SiteAddress, to: SiteAddress): ReplacementPair[] {
  const pairs: ReplacementPair[] = [{ kind: 'url', from: formatAddress(from), to: formatAddress(to) }];
  if (from.host.includes('.') && bare(from) !== bare(to))
    pairs.push({ kind: 'host', from: bare(from), to: bare(to) });
  return pairs;
}

/** All pairs of a site or a network; the rewriter knows the forms of each. @throws REWRITE_PAIR_REFUSED */
export function deriveSitePairs(
  productionUrl: string,
  stagingUrl: string,
  options: SitePairOptions = {},
): ReplacementPair[] {
  const sites = [{ from: productionUrl, to: stagingUrl }, ...(options.sites ?? [])].map(({ from, to }) => ({
    from: parseSiteAddress(from, 'url'),
    to: parseSiteAddress(to, 'url'),
  }));
  const pairs = new Map<string, ReplacementPair>();
  const add = (from: SiteAddress, to: SiteAddress): void => {
    for (const pair of pairsOf(from, to)) {
      const key = `${pair.kind} ${pair.from.replace(/^https?:/, '')}`;
      if (!pairs.has(key)) pairs.set(key, pair);
    }
  };
  for (const { from, to } of sites) add(from, to);
  if (options.wwwServed === 'both') return [...pairs.values()];
  // A www form that is a staging address already, or that a later site names itself, is not ours to move.
  const targets = new Set(sites.map(({ to }) => to.host));
  for (const { from, to } of sites) {
    const other = otherWwwForm(from);
    if (other !== undefined && !targets.has(other.host)) add(other, to);
  }
  return [...pairs.values()];
}
