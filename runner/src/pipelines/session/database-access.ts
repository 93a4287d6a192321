import { resolveSecret } from '../../config/secrets/resolve-secret.js';
import { type Site } from '../../config/site.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import type { SessionPool } from '../../database/connection/session-pool.js';
import { type SessionFence } from '../../database/connection/session-fence.js';
import { expandHome } from '../../hosts/connect-host.js';
import { databaseAccessOf } from '../../wordpress/settings/database-access-of.js';
import { type ReadingMemory } from '../../wordpress/settings/last-reading.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { recordedDatabase } from '../../wordpress/settings/recorded-database.js';
import { type SiteReaders } from './sync-hosts.js';
import type { SideReaders } from '../../run/site-context.js';

interface ReadingOptions {
  readonly goesBack?: boolean;
  readonly pool?: SessionPool;
  readonly memory?: Readonly<Record<'production' | 'staging', ReadingMemory>>;
}

/**
 * Reads wp-config.php of each side at most once per process, when first asked.
 * @param options.goesBack the work puts back what staging served: that does not depend on what its settings say now
 * @param options.pool for the logins of both sides
 * @param options.memory what reading the settings took the last time
 */
export function readSides(
  site: Site,
  readers: SiteReaders,
  fence: SessionFence,
  { goesBack = false, pool, memory }: ReadingOptions = {},
): SideReaders {
  const pooled = pool === undefined ? {} : { pool };
  const isWordPress = site.type === 'wordpress';
  const productionSettings = once(async () =>
    isWordPress ? readWpConfig(await readers.production(), site.production, memory?.production) : undefined,
  );
  const stagingSettings = once(async () =>
    isWordPress ? readWpConfig(await readers.staging(), site.staging, memory?.staging) : undefined,
  );
  const stagingNow = async (): Promise<DatabaseAccess> =>
    databaseAccessOf(site.staging, await stagingSettings(), 'staging');
  const stagingToGoBack = async (): Promise<DatabaseAccess> => {
    const host = await readers.staging();
    const [settings, access] = await Promise.allSettled([stagingSettings(), stagingNow()]);
    const given = site.staging.database.password;
    const recorded = await recordedDatabase(
      host,
      await expandHome(host, site.staging.workDir),
      site.staging,
      {
        access: access.status === 'fulfilled' ? access.value : undefined,
        password:
          given !== undefined
            ? await resolveSecret(given)
            : settings.status === 'fulfilled'
              ? settings.value?.database.password
              : undefined,
      },
    );
    return recorded ?? stagingNow();
  };
  return {
    wordpress: { production: productionSettings, staging: stagingSettings },
    database: {
      production: once(async () => ({
        ...(await databaseAccessOf(site.production, await productionSettings(), 'production')),
        ...pooled,
      })),
      staging: once(async () => ({
        ...(await (goesBack && isWordPress ? stagingToGoBack : stagingNow)()),
        fence,
        ...pooled,
      })),
    },
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= read());
}
