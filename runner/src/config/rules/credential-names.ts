import { usualKind } from '../secrets/credentials-of.js';
import { isMapping } from '../mapping.js';
import { type Complaint, type KeyPath } from '../problem.js';
import { looksLikeSecret, secretReference } from '../secrets/secret-reference.js';
import { type SecretReference } from '../site.js';
import { type Rule } from './rule.js';

type Credential = Extract<SecretReference, { source: 'credential' }>;

/**
 * Each credential has an environment variable of its own, and one kind: two ids that become one variable
 * (`acme-db` and `acme_db`) would be mixed up, and Jenkins has one kind for an id.
 */
export const credentialNames: Rule = (site) => {
  const byVariable = new Map<string, Credential>();
  const complaints: Complaint[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    if (Array.isArray(value))
      value.forEach((item, index) => {
        walk(item, [...path, index]);
      });
    if (!isMapping(value)) return;
    const found = looksLikeSecret(value) ? secretReference(value, usualKind(String(path.at(-1)))) : undefined;
    if (found?.source === 'credential') {
      const first = byVariable.get(found.env) ?? found;
      byVariable.set(found.env, first);
      complaints.push(...compare(first, found, path));
    }
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
  };
  walk(site.raw, []);
  return complaints;
};

function compare(first: Credential, found: Credential, path: KeyPath): Complaint[] {
  if (first.id !== found.id)
    return [
      {
        path: [...path, 'credential'],
        message: `The credentials ${first.id} and ${found.id} would share the variable ${found.env}.`,
        suggestion: 'rename one of them in Jenkins',
      },
    ];
  if (first.kind === found.kind) return [];
  return [
    {
      path: [...path, 'credential'],
      message: `The credential ${found.id} is used as ${first.kind} and as ${found.kind}.`,
      suggestion: 'write the kind that it has in Jenkins, or use two credentials',
    },
  ];
}
