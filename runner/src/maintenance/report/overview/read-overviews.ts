import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type SiteOverview, parseOverviews } from '../../../run/site-overview.js';
import { messageOf } from '../../../errors/index.js';

/** Names of the files that hold overviews: one site's, and those of a former page. */
export const SITE_FILE = 'site.json';
const PAGE_FILE = 'overview.json';

/** How deep below a folder they are looked for: `<workspace>/<site>/site.json`, and the copies in an archive above. */
const DEEPEST = 6;
/** Bytes. */
const LARGEST = 16 * 1024 * 1024;

export interface FoundOverviews {
  readonly sites: readonly SiteOverview[];
  /** Files that could not be used, each with the reason. */
  readonly problems: readonly string[];
}

/** The newest of each site that lies anywhere below the folders: workspaces, or unpacked archives of builds. */
export function readOverviews(folders: readonly string[]): FoundOverviews {
  const found = new Map<string, SiteOverview>();
  const problems: string[] = [];
  for (const file of folders.flatMap((folder) => overviewFiles(path.resolve(folder), 0))) {
    const refuse = (why: string): never => {
      throw new Error(why);
    };
    try {
      if (statSync(file).size > LARGEST) refuse('it is too large');
      for (const one of parseOverviews(readFileSync(file, 'utf8'), refuse)) merge(found, one);
    } catch (error) {
      problems.push(`${file} cannot be used: ${messageOf(error)}`);
    }
  }
  return { sites: [...found.values()], problems };
}

/** A command that ended before it had a run knows nothing of the copy and the runs before it: those stay. */
function merge(found: Map<string, SiteOverview>, one: SiteOverview): void {
  const known = found.get(one.site);
  if (known === undefined) found.set(one.site, one);
  else found.set(one.site, known.at > one.at ? filled(known, one) : filled(one, known));
}

export const filled = (newer: SiteOverview, older: SiteOverview): SiteOverview =>
  newer.run !== ''
    ? newer
    : {
        ...older,
        ...newer,
        copyOf: older.copyOf,
        runs: older.runs,
        warnings: older.warnings,
        lock: older.lock,
      };

function overviewFiles(folder: string, depth: number): string[] {
  if (depth > DEEPEST) return [];
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return overviewFiles(file, depth + 1);
    return entry.isFile() && (entry.name === SITE_FILE || entry.name === PAGE_FILE) ? [file] : [];
  });
}
