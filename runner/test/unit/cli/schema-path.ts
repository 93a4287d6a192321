import { nodeAt } from '../../../src/config/schema/schema-node.js';
import { siteSchema } from '../../../src/config/schema/site-schema.js';

/** Whether a dotted key is one of the site file; `ssh.key` and `http.ca` are those of a side. */
export function isSchemaPath(text: string): boolean {
  const keys = text.split('.');
  return [[], ['production'], ['staging']].some(
    (side) => nodeAt(siteSchema, [...side, ...keys]) !== undefined,
  );
}
