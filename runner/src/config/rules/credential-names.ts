import { isMapping } from '../mapping.js';
import { type Complaint, type KeyPath } from '../problem.js';
import { credentialEnvironmentName } from '../secret-reference.js';
import { type Rule } from './rule.js';

/** Two ids that become one environment variable (`acme-db` and `acme_db`) would be mixed up. */
export const credentialNames: Rule = (site) => {
  const byEnvironment = new Map<string, string>();
  const complaints: Complaint[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    if (Array.isArray(value))
      value.forEach((item, index) => {
        walk(item, [...path, index]);
      });
    if (!isMapping(value)) return;
    const id = value['credential'];
    if (typeof id === 'string') {
      const env = credentialEnvironmentName(id);
      const other = byEnvironment.get(env) ?? id;
      byEnvironment.set(env, other);
      if (other !== id)
        complaints.push({
          path: [...path, 'credential'],
          message: `The credentials ${other} and ${id} would share the variable ${env}.`,
          suggestion: 'rename one of them in Jenkins',
        });
    }
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
  };
  walk(site.raw, []);
  return complaints;
};
