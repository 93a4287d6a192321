import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { isRefusal } from '../../database/connection/sql-error.js';
import { shellScript } from '../../commands/command.js';
import { quoteTable } from '../../commands/quote.js';
import { leakClassifier } from '../../database/leaks/classify.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { type SideName, type Site } from '../../config/site.js';
import { type Finding, several } from '../../errors/index.js';
import { createRewriter } from '../../rewrite/index.js';
import { asciiHost, type NetworkAddress, unmappedSites } from '../../wordpress/settings/multisite.js';
import { layoutOf } from '../../wordpress/site/host-layout.js';
import { mustUseFolder } from '../../wordpress/plugin/must-use-folder.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import { askProduction, askStaging, lookAtProduction, lookAtStaging } from '../survey/database-surveys.js';
import { leakTarget, sitePairs } from '../proof/leak-check.js';
import { readConfigs } from '../survey/site-layouts.js';
import { type StageContext } from '../stage.js';

/** What both sides say of themselves against what the site file says of them. Reads only. */
export async function checkStagingConfig(context: StageContext): Promise<readonly Finding[]> {
  const { site } = context;
  const [production, staging] = await readConfigs(context);
  const [salt, prefix, expected, present] = await Promise.all([
    cacheSalt(context, production, staging),
    tablePrefix(context, staging),
    productionAddress(context, staging),
    presentAddress(context),
  ]);
  return [
    ...ranPhp('production', production),
    ...ranPhp('staging', staging),
    ...environmentType(staging),
    ...declaredDatabase(site.staging.database.name, staging),
    ...pluginPlace(site, production, staging),
    ...salt,
    ...stagingAddress(site.staging.url, staging),
    ...networkKind(production, staging),
    ...prefix,
    ...expected,
    ...present,
  ];
}

/** Running a site's code is worth knowing, though it is closed off. */
function ranPhp(side: SideName, settings: WordPressSettings): Finding[] {
  const [first, ...more] = settings.ranPhp ?? [];
  if (first === undefined) return [];
  const rest = more.length === 0 ? '' : ` (and ${several(more.length, 'more reason')})`;
  return [
    {
      severity: 'info',
      code: 'WP_CONFIG_RUN_BY_PHP',
      message: `${settings.configFile} of ${side} was run by PHP, closed off from files, network and programs, because its text is not enough: ${first}${rest}`,
      next: `To read it without PHP, write plain values into it, or name database and prefix in the site file.`,
    },
  ];
}

/** What the site file says is copied into; what wp-config.php says is what staging works with. */
function declaredDatabase(declared: string | undefined, staging: WordPressSettings): Finding[] {
  const used = staging.database.name;
  if (declared === undefined || used === undefined || declared === used) return [];
  return [
    {
      severity: 'error',
      code: 'SETTINGS_CHANGED',
      message: `staging.database.name is ${declared}, but WordPress of staging works with ${used}.`,
      next: `Set in ${staging.configFile}: define( 'DB_NAME', '${declared}' ); or remove staging.database.name from the site file.`,
    },
  ];
}

function pluginPlace(site: Site, production: WordPressSettings, staging: WordPressSettings): Finding[] {
  if (mustUseFolder(site, production, staging) !== undefined) return [];
  const folder = staging.mustUseFolder ?? staging.contentDir ?? production.wordpressFolder ?? '(unknown)';
  return [
    {
      severity: 'error',
      code: 'OWN_FILE_NO_PLACE',
      message: `Staging's must-use plugins lie outside of ${site.staging.path} (${folder}), so the plugin that keeps staging harmless cannot be put in place with the files.`,
      next: 'Set staging.path to a folder that holds the content folder too, or WPMU_PLUGIN_DIR to a folder in it.',
    },
  ];
}

function environmentType(staging: WordPressSettings): Finding[] {
  if (staging.environmentType === 'staging') return [];
  return [
    {
      severity: 'warning',
      code: 'STAGING_ENVIRONMENT_TYPE',
      message: `WP_ENVIRONMENT_TYPE of staging is ${staging.environmentType ?? 'not set'}, so plugins take it for production.`,
      next: `Add to ${staging.configFile}: define( 'WP_ENVIRONMENT_TYPE', 'staging' );`,
    },
  ];
}

const FIND_OBJECT_CACHE = '[ ! -f "$1/object-cache.php" ] || echo found';

/** Without a salt a cache is shared by all who use its server: staging would redirect to production. */
async function cacheSalt(
  { site, hosts }: StageContext,
  production: WordPressSettings,
  staging: WordPressSettings,
): Promise<Finding[]> {
  const salt = staging.cacheKeySalt ?? '';
  if (salt !== (production.cacheKeySalt ?? '')) return [];
  if (salt === '') {
    const script = shellScript('read', FIND_OBJECT_CACHE, [layoutOf(site.staging, staging).content]);
    const found = await (await hosts.staging()).run(script, { label: "look for staging's object cache" });
    if (!found.stdout.toString().includes('found')) return [];
  }
  const what = salt === '' ? 'an object cache and no' : 'the same';
  return [
    {
      severity: 'warning',
      code: 'CACHE_SHARED_WITH_PRODUCTION',
      message: `Staging has ${what} WP_CACHE_KEY_SALT${salt === '' ? ', as production has none' : ' as production'}: with one Redis, each would read what the other cached.`,
      next: `Set another one in ${staging.configFile}: define( 'WP_CACHE_KEY_SALT', '${site.name}-staging:' );`,
    },
  ];
}

/** Constants win over the database, so a wrong one would undo what is rewritten there. */
function stagingAddress(url: string, staging: WordPressSettings): Finding[] {
  const host = new URL(url).host;
  const constants = [
    ['DOMAIN_CURRENT_SITE', staging.networkDomain],
    ['WP_HOME', hostOf(staging.home)],
    ['WP_SITEURL', hostOf(staging.siteUrl)],
  ] as const;
  return constants
    .filter(([, value]) => value !== undefined && asciiHost(value) !== host)
    .map(([name, value]) => ({
      severity: 'error',
      code: 'NETWORK_DOMAIN_MISMATCH',
      message: `${name} of staging is ${value ?? ''}, but staging.url names ${host}.`,
      next: `Set in ${staging.configFile}: define( '${name}', '${name === 'DOMAIN_CURRENT_SITE' ? host : url}' );`,
    }));
}

function networkKind(production: WordPressSettings, staging: WordPressSettings): Finding[] {
  const what = (settings: WordPressSettings) =>
    !settings.multisite ? 'no network' : `a network of ${settings.subdomains ? 'subdomains' : 'folders'}`;
  if (what(production) === what(staging)) return [];
  return [
    {
      severity: 'error',
      code: 'NETWORK_DOMAIN_MISMATCH',
      message: `Production is ${what(production)}, but the wp-config.php of staging makes it ${what(staging)}.`,
      next: `Set in ${staging.configFile}: define( 'MULTISITE', ${String(production.multisite)} ); define( 'SUBDOMAIN_INSTALL', ${String(production.subdomains)} );`,
    },
  ];
}

async function tablePrefix(context: StageContext, staging: WordPressSettings): Promise<Finding[]> {
  const [from, to] = [await context.database.production(), await context.database.staging()];
  if (from.prefix === to.prefix) return loweredPrefix(context, from.prefix);
  return [
    {
      severity: 'error',
      code: 'TABLE_PREFIX_MISMATCH',
      message: `Production's tables begin with ${from.prefix || '(nothing)'}, but staging looks for ${to.prefix || '(nothing)'}, so the copy would look empty.`,
      next: `Set in ${staging.configFile}: $table_prefix = '${from.prefix}';`,
    },
  ];
}

/** A server with names in lower case finds `wp_posts` under `WP_posts`; on another one WordPress sees no tables. */
async function loweredPrefix(context: StageContext, prefix: string): Promise<Finding[]> {
  const { tables } = (await lookAtProduction(context)).database;
  const isLowered =
    prefix !== prefix.toLowerCase() &&
    tables.some(({ name }) => name === `${prefix.toLowerCase()}options`) &&
    tables.every(({ name }) => name !== `${prefix}options`);
  if (!isLowered || (await lookAtStaging(context)).server.lowersNames) return [];
  return [
    {
      severity: 'error',
      code: 'TABLE_PREFIX_MISMATCH',
      message: `WordPress looks for tables that begin with ${prefix}; production's server keeps names in lower case (lower_case_table_names), staging's does not, so the copy would look empty.`,
      next: 'Start the staging server with lower_case_table_names=1.',
    },
  ];
}

/** A production.url that the database does not know would rewrite nothing, and the proof would look for nothing. */
async function productionAddress(context: StageContext, staging: WordPressSettings): Promise<Finding[]> {
  const { site } = context;
  const access = await context.database.production();
  const rows = await askProduction(context, (connection) => addressesIn(connection, access));
  if (typeof rows === 'string')
    return [{ severity: 'error', code: 'PRODUCTION_URL_MISMATCH', message: rows }];
  const rewriter = createRewriter(sitePairs(site));
  const wanted = new URL(site.staging.url).host;
  const wrong = rows.options.filter(({ name, value }) => {
    const constant = name === 'home' ? staging.home : staging.siteUrl;
    const rewritten = hostOf(rewriter.rewrite(Buffer.from(value)).toString());
    return constant === undefined && (rewritten === undefined || asciiHost(rewritten) !== wanted);
  });
  const lines = unmappedSites(site, rows.sites).map(
    ({ domain, path }) => `"${domain}${path.replace(/\/$/, '')}": <its staging address>`,
  );
  return [
    ...wrong.map(({ name, value }): Finding => ({
      severity: 'error',
      code: 'PRODUCTION_URL_MISMATCH',
      message: `The option ${name} of production is ${value}, which no rewriting of the site file turns into ${site.staging.url}.`,
      next: `Set production.url to ${value}, or add a pair to rewrite.pairs.`,
    })),
    ...(lines.length === 0
      ? []
      : [
          {
            severity: 'error',
            code: 'NETWORK_DOMAIN_MISMATCH',
            message: `The site file has no staging address for ${several(lines.length, 'site')} of production's network, so staging would link to production.`,
            next: `Add to rewrite.network: ${lines.join(', ')}`,
          } satisfies Finding,
        ]),
  ];
}

/** A staging that was copied by hand may still send its visitors to production: told, because the sync ends it. */
async function presentAddress(context: StageContext): Promise<Finding[]> {
  const { site } = context;
  const access = await context.database.staging();
  const rows = await askStaging(context, (connection) => addressesIn(connection, access));
  // No tables yet: an empty staging has no address.
  if (typeof rows === 'string') return [];
  const leaks = leakClassifier(leakTarget(site));
  const wrong = rows.options.filter(({ value }) => leaks(Buffer.from(value)).length > 0);
  return wrong.map(({ name, value }) => ({
    severity: 'warning',
    code: 'STAGING_LEADS_TO_PRODUCTION',
    message: `The option ${name} of staging is ${value}, an address of production: so visitors of staging end up there.`,
    next: 'The sync replaces it. Until then do not use staging.',
  }));
}

interface Addresses {
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly sites: readonly NetworkAddress[];
}

/** @returns a sentence where the tables are not there */
async function addressesIn(connection: SqlConnection, access: DatabaseAccess): Promise<Addresses | string> {
  const table = (base: string) => quoteTable(access.name, `${access.prefix}${base}`);
  try {
    const options = await connection.query(
      `SELECT option_name AS name, option_value AS value FROM ${table('options')} WHERE option_name IN ('home', 'siteurl')`,
    );
    const sites = access.multisite
      ? await connection.query(
          `SELECT domain AS domain, path AS path FROM ${table('blogs')} WHERE deleted = 0 AND archived = '0' AND spam = 0`,
        )
      : [];
    return {
      options: options.map((row) => ({ name: String(row['name']), value: String(row['value']) })),
      sites: sites.map((row) => ({ domain: String(row['domain']), path: String(row['path']) })),
    };
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    return `Production's addresses could not be read from ${access.name}: ${cause.message}`;
  }
}

function hostOf(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
