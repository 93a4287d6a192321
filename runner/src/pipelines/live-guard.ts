import { type Finding } from '../errors/index.js';
import { assertDifferentDatabase } from '../database/live-guard.js';
import { openDatabase } from '../database/connection.js';
import { assertNotSameTree } from '../hosts/live-guard.js';
import { type Session } from './session.js';

async function guardFiles({ site, hosts }: Session): Promise<readonly Finding[]> {
  const [production, staging] = await Promise.all([hosts.productionApplication(), hosts.staging()]);
  return assertNotSameTree(production, site.production.path, staging, site.staging.path);
}

async function guardDatabase({ site, hosts, database, signal }: Session): Promise<readonly Finding[]> {
  const [production, staging] = await Promise.all([
    hosts
      .productionDatabase()
      .then(async (host) => openDatabase(host, await database.production(), { signal })),
    hosts.stagingDatabase().then(async (host) => openDatabase(host, await database.staging(), { signal })),
  ]);
  try {
    return await assertDifferentDatabase(production, staging, site);
  } finally {
    await Promise.all([production.close(), staging.close()]);
  }
}

/**
 * Is staging really another place than production? Asked of the machines themselves, in every process that changes
 * something, before it does. An answer that cannot be had is a refusal. Each guard is asked by itself: what one of
 * them throws must not hide what another one found.
 */
export const liveGuards: readonly ((session: Session) => Promise<readonly Finding[]>)[] = [
  guardFiles,
  guardDatabase,
];
