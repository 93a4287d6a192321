import { isMapping, type Mapping, valuesIn, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { looksLikeSecret } from '../secrets/secret-reference.js';
import { type Rule } from './rule.js';

/** Keys that exclude each other, by the name of the mapping they stand in. */
const CHOICES: readonly {
  readonly at: (path: KeyPath) => boolean;
  readonly keys: readonly string[];
  readonly needed: boolean;
}[] = [
  {
    at: (path) => path.at(-1) === 'discover',
    keys: ['autoScalingGroup', 'targetGroup', 'tags', 'command'],
    needed: true,
  },
  { at: (path) => path.at(-1) === 'portainer', keys: ['webhook', 'api'], needed: true },
  { at: (path) => path.length === 2 && path[1] === 'database', keys: ['host', 'socket'], needed: false },
  { at: (path) => path.length === 2 && path[1] === 'database', keys: ['port', 'socket'], needed: false },
  { at: (path) => path.at(-1) === 'ssh', keys: ['host', 'discover'], needed: true },
  { at: (path) => path.at(-1) === 'via', keys: ['host'], needed: true },
  { at: (path) => path.at(-2) === 'mask', keys: ['selector', 'width'], needed: true },
];

/** `{credential}`, `{env}` and `{file}` exclude each other; so do a few other keys. */
export const oneOf: Rule = (site) => {
  const complaints: Complaint[] = [];
  for (const [value, path] of valuesIn(site.raw)) {
    if (!isMapping(value)) continue;
    if (looksLikeSecret(value)) complaints.push(...choose(value, path, ['credential', 'env', 'file'], true));
    for (const choice of CHOICES)
      if (choice.at(path)) complaints.push(...choose(value, path, choice.keys, choice.needed));
    if (value['kind'] !== undefined && looksLikeSecret(value) && value['credential'] === undefined)
      complaints.push({ path: [...path, 'kind'], message: 'Only a credential has a kind.' });
  }
  return complaints;
};

function choose(value: Mapping, path: KeyPath, keys: readonly string[], needed: boolean): Complaint[] {
  const given = keys.filter((key) => value[key] !== undefined);
  if (given.length > 1) return [{ path, message: `Only one of ${keys.join(', ')} may be given.` }];
  if (given.length === 1 || !needed) return [];
  return [
    {
      path,
      message:
        keys.length === 1 ? `The key ${keys[0] ?? ''} is missing.` : `One of ${keys.join(', ')} is needed.`,
    },
  ];
}
