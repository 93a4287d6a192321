import { isMapping, mappingOf, type KeyPath } from '../mapping.js';
import { SSH_PLACES } from '../load/draft.js';
import { type Complaint } from '../problem.js';
import { type Rule } from './rule.js';

/** An account is always written down: what is the default differs between a shell and a Jenkins agent. */
export const sshAccounts: Rule = (site) =>
  SSH_PLACES.flatMap((place) => {
    const ssh = place.reduce<unknown>((value, key) => mappingOf(value)[key], site.raw);
    return missingUsers(ssh, place);
  });

function missingUsers(ssh: unknown, path: KeyPath): Complaint[] {
  if (!isMapping(ssh)) return [];
  const own =
    ssh['user'] === undefined && Object.keys(ssh).length > 0
      ? [{ path, message: 'The account is missing.', suggestion: 'write user@host, or the key user' }]
      : [];
  const discover = mappingOf(ssh['discover']);
  const region =
    (discover['autoScalingGroup'] !== undefined || discover['tags'] !== undefined) &&
    discover['region'] === undefined
      ? [{ path: [...path, 'discover'], message: 'The key region is missing.' }]
      : [];
  const tags =
    isMapping(discover['tags']) && Object.keys(discover['tags']).length === 0
      ? [{ path: [...path, 'discover', 'tags'], message: 'At least one tag is needed.' }]
      : [];
  return [...own, ...region, ...tags, ...missingUsers(ssh['via'], [...path, 'via'])];
}
