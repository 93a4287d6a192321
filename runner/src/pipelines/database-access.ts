import { type Site } from '../config/site.js';
import { type DatabaseAccess } from '../database/access.js';
import { type SessionFence } from '../database/session-fence.js';
import { databaseAccessOf } from '../wordpress/database-access-of.js';
import { readWpConfig } from '../wordpress/read-wp-config.js';
import { type WordPressSettings } from '../wordpress/wordpress-settings.js';
import { type SiteReaders } from './sync-hosts.js';

export interface SideReaders {
  readonly database: { production(): Promise<DatabaseAccess>; staging(): Promise<DatabaseAccess> };
  readonly wordpress: {
    production(): Promise<WordPressSettings | undefined>;
    staging(): Promise<WordPressSettings | undefined>;
  };
}

/** Reads wp-config.php of each side at most once per process, when first asked. */
export function readSides(site: Site, readers: SiteReaders, fence: SessionFence): SideReaders {
  const isWordPress = site.type === 'wordpress';
  const productionSettings = once(async () =>
    isWordPress ? readWpConfig(await readers.production(), site.production) : undefined,
  );
  const stagingSettings = once(async () =>
    isWordPress ? readWpConfig(await readers.staging(), site.staging) : undefined,
  );
  return {
    wordpress: { production: productionSettings, staging: stagingSettings },
    database: {
      production: once(async () =>
        databaseAccessOf(site.production, await productionSettings(), { name: 'production' }),
      ),
      staging: once(async () => ({
        ...(await databaseAccessOf(site.staging, await stagingSettings(), { name: 'staging' })),
        fence,
      })),
    },
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= read());
}
