import { usualKind } from '../secrets/credentials-of.js';
import { isMapping, valuesIn, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';
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
  for (const [value, path] of valuesIn(site.raw)) {
    if (!isMapping(value) || !looksLikeSecret(value)) continue;
    const found = secretReference(value, usualKind(String(path.at(-1))));
    if (found?.source !== 'credential') continue;
    const first = byVariable.get(found.env) ?? found;
    byVariable.set(found.env, first);
    complaints.push(...compare(first, found, path));
  }
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
