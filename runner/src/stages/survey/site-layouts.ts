import { layoutOf, type Layout } from '../../wordpress/site/host-layout.js';
import { likelyLayout, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import {
  readUploadOptions,
  type UploadOptions,
  withUploadOptions,
} from '../../wordpress/site/upload-folders.js';
import { type StageContext } from '../stage.js';
import { askProductionAtOnce, perContext, type ProductionDatabase } from './database-surveys.js';

type Context = Pick<StageContext, 'site' | 'hosts' | 'wordpress'>;
type DatabaseContext = Context & ProductionDatabase;

export async function readConfigs(
  context: Context,
): Promise<[production: WordPressSettings, staging: WordPressSettings]> {
  const { site, hosts, wordpress } = context;
  const [production, staging] = await Promise.all([wordpress?.production(), wordpress?.staging()]);
  return [
    production ?? (await readWpConfig(await hosts.productionApplication(), site.production)),
    staging ?? (await readWpConfig(await hosts.staging(), site.staging)),
  ];
}

/**
 * Where the parts of WordPress lie on production and on staging; none where a site is no WordPress. Where options of the
 * database put uploads is production's word for both: staging's options are its copy.
 */
export async function layoutsOf(context: DatabaseContext): Promise<readonly SiteLayout[]> {
  const { site } = context;
  if (site.type !== 'wordpress') return [];
  const [[production, staging], options] = await Promise.all([
    readConfigs(context),
    productionUploads(context),
  ]);
  return [
    withUploadOptions(
      likelyLayout(site.production, production),
      options,
      site.production,
      production.realRoot,
    ),
    likelyLayout(site.staging, staging),
  ];
}

/** What production's options say of uploads; they count for nothing where UPLOADS is defined. */
export const productionUploads = perContext(
  async (context: DatabaseContext): Promise<readonly UploadOptions[]> => {
    const [{ uploads, multisite }] = await readConfigs(context);
    if (uploads !== undefined && !multisite) return [];
    const access = await context.database.production();
    return askProductionAtOnce(context, (connection) => readUploadOptions(connection, access));
  },
);

interface Readers {
  production?(): Promise<WordPressSettings | undefined>;
  staging(): Promise<WordPressSettings | undefined>;
}

/** A staging that was empty when its settings were read has WordPress where production has it. */
export async function stagingLayout({
  site,
  wordpress,
}: Pick<Context, 'site'> & { readonly wordpress?: Readers }): Promise<Layout> {
  const settings = await wordpress?.staging();
  if (settings?.wordpressFolder !== undefined) return layoutOf(site.staging, settings);
  const production = await wordpress?.production?.();
  return layoutOf(site.staging, settings, production && likelyLayout(site.production, production));
}
