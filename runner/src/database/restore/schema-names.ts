import { createHash } from 'node:crypto';

/** MySQL and MariaDB: identifiers have at most 64 characters. */
const LONGEST_NAME = 64;
/** The longest ending that a base name must leave room for: `_understudy_old_99999`. */
const ROOM_FOR_ENDING = '_understudy_old_99999'.length;

/**
 * What the names of a site's own schemas begin with: the live schema's name, shortened with a hash where the longest
 * ending would not fit any more. One beginning for all of them, so that one GRANT pattern covers them.
 */
function schemaBase(live: string): string {
  const characters = [...live];
  if (characters.length <= LONGEST_NAME - ROOM_FOR_ENDING) return live;
  const hash = createHash('sha256').update(live).digest('hex').slice(0, 8);
  return `${characters.slice(0, LONGEST_NAME - ROOM_FOR_ENDING - 9).join('')}_${hash}`;
}

/** The schema that the sync `run` imports into, beside the one that staging serves. No other run works in it. */
export const incomingSchema = (live: string, run: string): string =>
  `${schemaBase(live)}_understudy_in_${run.slice(-6)}`;

/** Whether a schema is the incoming one of some run of the site, also of former versions (`…_understudy_new`). */
export function isIncomingSchema(live: string, schema: string): boolean {
  const start = `${schemaBase(live)}_understudy_`;
  return schema.startsWith(start) && /^(in_[0-9a-f]{6}|new)$/.test(schema.slice(start.length));
}

/** The schema of a former generation. `generation` counts up from 1. */
export const oldSchema = (live: string, generation: number): string =>
  `${schemaBase(live)}_understudy_old_${String(generation)}`;

/** The generation that a schema holds, or undefined when the name is not one of {@link oldSchema}'s. */
export function generationOf(live: string, schema: string): number | undefined {
  const start = `${schemaBase(live)}_understudy_old_`;
  if (!schema.startsWith(start)) return undefined;
  const digits = schema.slice(start.length);
  return /^[1-9][0-9]{0,4}$/.test(digits) ? Number(digits) : undefined;
}

/** Pattern for GRANT … ON: `_` and `%` are wildcards there and are escaped, but for the last `%`. */
export const ownSchemasPattern = (live: string): string =>
  `${`${schemaBase(live)}_understudy_`.replaceAll(/[\\_%]/g, (character) => `\\${character}`)}%`;
