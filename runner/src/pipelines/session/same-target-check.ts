import { assertDifferentDatabase } from '../../database/schema/same-database.js';
import { type Finding } from '../../errors/index.js';
import { assertNotSameTree } from '../../hosts/guard/same-tree.js';
import type { Site } from '../../config/site.js';
import type { PreflightConnections } from '../../database/connection/preflight-connections.js';
import { type SiteReaders } from './sync-hosts.js';

interface Guarded {
  readonly site: Site;
  readonly readers: SiteReaders;
  readonly preflightConnections: PreflightConnections;
}

async function guardFiles({ site, readers }: Guarded): Promise<readonly Finding[]> {
  const [production, staging] = await Promise.all([readers.production(), readers.staging()]);
  return assertNotSameTree(production, site.production.path, staging, site.staging.path);
}

async function guardDatabase({ site, preflightConnections }: Guarded): Promise<readonly Finding[]> {
  return assertDifferentDatabase(
    preflightConnections.productionAtOnce(),
    preflightConnections.staging(),
    site,
  );
}

/**
 * Is staging really another place than production? Asked of the machines themselves, in every process that changes
 * something, before it does. If the check cannot be completed, it fails. Each guard is asked by itself: what one of
 * them throws must not hide what another one found. The files' first.
 */
export function askGuards(session: Guarded): readonly Promise<readonly Finding[]>[] {
  const answers = [guardFiles(session), guardDatabase(session)];
  // Asked long before anybody waits for them: what they throw is told to anyone who does.
  for (const answer of answers) answer.catch(() => undefined);
  return answers;
}
