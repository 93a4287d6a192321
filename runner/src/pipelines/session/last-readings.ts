import { readFileSync } from 'node:fs';
import path from 'node:path';
import { documentValidator } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';
import { keepFile } from '../../run/keep-file.js';
import { replaceFile } from '../../run/workspace.js';
import { type LastReading, lastReading, type ReadingMemory } from '../../wordpress/settings/last-reading.js';

const lastReadings = json.record({
  version: json.constant(1),
  production: json.optional(lastReading),
  staging: json.optional(lastReading),
});
type LastReadings = json.ShapeOf<typeof lastReadings>;

const validate = documentValidator(lastReadings);

/** What the settings of both sides took to read, kept on this machine from one command to the next. */
export function rememberReadings(
  workspace: string,
  site: string,
): Record<'production' | 'staging', ReadingMemory> {
  const file = path.resolve(workspace, site, 'last-readings.json');
  let known = read(file);
  const memory = (side: 'production' | 'staging'): ReadingMemory => ({
    last: known[side],
    note: (reading: LastReading) => {
      if (JSON.stringify(known[side]) === JSON.stringify(reading)) return;
      known = { ...known, [side]: reading };
      keepFile(() => {
        replaceFile(file, JSON.stringify(known));
      });
    },
  });
  return { production: memory('production'), staging: memory('staging') };
}

/** Without a file, or with one that cannot be used, nothing is known: everything is asked in its turn. */
function read(file: string): LastReadings {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (validate(value)) return value;
  } catch {
    // As below.
  }
  return { version: 1 };
}
