import { isMapping, type Mapping, mappingOf } from '../mapping.js';

/** Keys of which one replaces the others: a site that names a socket does not inherit a host. */
const EXCLUSIVE: readonly (readonly (readonly string[])[])[] = [
  [['credential', 'kind'], ['env'], ['file']],
  [['socket'], ['host', 'port']],
  [['discover'], ['host']],
  [['autoScalingGroup', 'region'], ['targetGroup'], ['tags', 'region'], ['command']],
  [['webhook'], ['api']],
];

/** The site over its defaults: mappings key by key, everything else (lists too) replaced as a whole. */
export function mergeDefaults(defaults: Mapping, site: Mapping): Mapping {
  const merged: Record<string, unknown> = {};
  const displaced = displacedKeys(site);
  for (const [key, value] of Object.entries(defaults)) if (!displaced.has(key)) define(merged, key, value);
  for (const [key, value] of Object.entries(site)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    define(merged, key, isMapping(value) && isMapping(below) ? mergeDefaults(below, value) : value);
  }
  return merged;
}

/** The database's machine is reached with the account and key of the side's own, unless it says otherwise. */
export function inheritAccounts(site: Mapping): Mapping {
  const copy: Record<string, unknown> = { ...site };
  for (const side of ['production', 'staging']) {
    const { ssh, database, ...rest } = mappingOf(copy[side]);
    if (!isMapping(ssh) || !isMapping(database) || !isMapping(database['ssh'])) continue;
    const account = Object.entries(ssh).filter(([key]) => ['user', 'key', 'knownHosts'].includes(key));
    const own = { ...structuredClone(Object.fromEntries(account)), ...database['ssh'] };
    copy[side] = { ...rest, ssh, database: { ...database, ssh: own } };
  }
  return copy;
}

function displacedKeys(site: Mapping): Set<string> {
  const displaced = new Set<string>();
  for (const groups of EXCLUSIVE) {
    const chosen = groups.find((group) => group.some((key) => Object.hasOwn(site, key)));
    if (!chosen) continue;
    for (const group of groups) if (group !== chosen) for (const key of group) displaced.add(key);
  }
  return displaced;
}

/** `__proto__` becomes an ordinary key, which validation then refuses. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
