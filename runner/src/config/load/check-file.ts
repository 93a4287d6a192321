import { type DraftSite, draftSite, openSshText, SSH_PLACES } from './draft.js';
import { isMapping, type Mapping, without, type KeyPath, mappingOf } from '../mapping.js';
import { type Complaint, type Problem } from '../problem.js';
import { placeComplaint, type YamlFile } from './read-yaml.js';
import { inlineSecrets } from '../rules/inline-secrets.js';
import { validateSite } from '../schema/validate.js';

/** One file by itself: what is wrong in it, and what is left of it without that. */
export interface CheckedFile {
  readonly yaml: YamlFile;
  readonly problems: readonly Problem[];
  /** The good part, short spellings of `ssh` opened. */
  readonly good: Mapping;
  /** Places that were refused: nothing more is said about them. */
  readonly refused: readonly KeyPath[];
}

/** Checks one file against the schema. Keys that are missing may stand in the other file; they are not looked at. */
export function checkFile(yaml: YamlFile): CheckedFile {
  const found = validateSite(structuredClone(yaml.data), (path) => yaml.written(path)).filter(
    ({ keyword, complaint }) =>
      keyword !== 'required' || complaint.path.some((step) => typeof step === 'number'),
  );
  const secrets = inlineSecrets(yaml.data);
  const complaints = [
    ...secrets,
    ...withoutRepeats(
      found.map(({ complaint }) => complaint),
      secrets,
    ),
  ];
  const refused = complaints.map((complaint) => complaint.path);
  return {
    yaml,
    problems: [...yaml.problems, ...complaints.map((complaint) => placeComplaint([yaml], complaint))],
    good: openSpellings(without(yaml.data, refused)),
    refused,
  };
}

/** A secret that stands in the file is one mistake, however many rules it breaks. */
function withoutRepeats(complaints: readonly Complaint[], secrets: readonly Complaint[]): Complaint[] {
  const known = new Set(secrets.map((secret) => JSON.stringify(secret.path)));
  return complaints.filter((complaint) => !known.has(JSON.stringify(complaint.path)));
}

function openSpellings(data: Mapping): Mapping {
  const copy = structuredClone(data) as Record<string, unknown>;
  for (const place of SSH_PLACES) {
    const parent = place
      .slice(0, -1)
      .reduce<unknown>((node, key) => (isMapping(node) ? node[key] : undefined), copy);
    if (isMapping(parent) && parent['ssh'] !== undefined)
      (parent as Record<string, unknown>)['ssh'] = openSshText(parent['ssh']);
  }
  return copy;
}

/** The site file over the defaults: what is missing in both, and the draft that the rules look at. */
export function checkMerged(
  name: string,
  site: CheckedFile,
  defaults: CheckedFile,
): { draft: DraftSite; problems: Problem[] } {
  const merged = inheritAccounts(mergeDefaults(structuredClone(defaults.good), structuredClone(site.good)));
  if (!site.yaml.readable) return { draft: draftSite(name, {}), problems: [] };
  const refused = new Set([...site.refused, ...defaults.refused].map((path) => JSON.stringify(path)));
  const complaints = validateSite(merged, () => undefined)
    .map(({ complaint }) => complaint)
    .filter(
      (complaint) =>
        !refused.has(JSON.stringify(complaint.path)) &&
        !refused.has(JSON.stringify([...complaint.path, missingKey(complaint)])),
    );
  return {
    draft: draftSite(name, merged),
    problems: complaints.map((complaint) => placeComplaint([site.yaml, defaults.yaml], complaint)),
  };
}

const missingKey = ({ message }: Complaint): string => /^The key (\S+) is missing/.exec(message)?.[1] ?? '';

/** Keys of which one replaces the others: a site that names a socket does not inherit a host. */
const EXCLUSIVE: readonly (readonly (readonly string[])[])[] = [
  [['credential', 'kind'], ['env'], ['file']],
  [['socket'], ['host', 'port']],
  [['discover'], ['host']],
  [['autoScalingGroup', 'region'], ['targetGroup'], ['tags', 'region'], ['command']],
  [['webhook'], ['api']],
];

/** The site over its defaults: mappings key by key, everything else (lists too) replaced as a whole. */
function mergeDefaults(defaults: Mapping, site: Mapping): Mapping {
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
function inheritAccounts(site: Mapping): Mapping {
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
