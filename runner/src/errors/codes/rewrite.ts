import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const rewriteCodes = defineCodes({
  REWRITE_PAIR_REFUSED: {
    exit: EXIT.usage,
    title: 'A replacement pair cannot be right.',
    next: 'Give whole URLs, host names or texts of at least four bytes.',
  },
  LEAK_FOUND: {
    exit: EXIT.stageFailed,
    title: 'Production URLs are left in the staging database.',
    next: 'Read the list of tables and columns; add a rewrite pair or an exception to the site file.',
  },
  REWRITE_VALUE_REFUSED: {
    exit: EXIT.stageFailed,
    title: 'A rewritten value does not fit where it belongs.',
    next: 'Staging serves what it served before. Make room in the named column on production, drop the named row, or add the column to rewrite.skip.',
  },
  REWRITE_STREAM_BROKEN: {
    exit: EXIT.stageFailed,
    title: 'A dump could not be read to its end, or its rewritten form not be written.',
    next: 'What was written so far is not complete: throw it away and start again.',
  },
  REWRITE_TABLES_UNKNOWN: {
    exit: EXIT.usage,
    title: 'A dump does not say what the columns of its tables are.',
    next: 'Give the CREATE TABLE statements with --tables schema.sql (mysqldump --no-data makes them), or dump with --complete-insert.',
  },
  SERIALIZED_BROKEN: {
    exit: EXIT.stageFailed,
    title: 'Serialized values that were valid before the rewriting are not valid now.',
    next: 'Staging serves what it served before. Please report this with the tables and columns above; rewrite.skip leaves them out.',
  },
  PAGE_LEAK_FOUND: {
    exit: EXIT.verificationFailed,
    title: 'Staging pages still point to production.',
    next: 'Look at the pages above. The new staging is up; understudy rollback <site> brings the former one back.',
  },
  GIT_EXPOSED: {
    exit: EXIT.verificationFailed,
    title:
      "Everybody can read a .git folder below staging's address, and with it the site's code and history.",
    next: 'Remove the .git folder from the document root of staging; no sync brings one.',
  },
  SETTINGS_CHANGED: {
    exit: EXIT.stageFailed,
    title: 'With the new files staging would work with other settings.',
    next: 'Staging serves what it served before. Name the file above in content.keepOnStaging, or put what it sets into a file of its own on each side.',
  },
  PLUGIN_NOT_LOADED: {
    exit: EXIT.stageFailed,
    title: 'The copy runs without the plugin that keeps it harmless.',
    next: 'Staging serves what it served before. See that WordPress of staging loads must-use plugins from its own document root, and that staging.url leads to it; then start the build again.',
  },
  STAGING_UNPROVEN: {
    exit: EXIT.verificationFailed,
    title: 'The copy is in place, but nothing proves that it is harmless.',
    next: 'Give staging.http what a visitor needs, then sync again; understudy rollback <site> brings the former staging back.',
  },
  PAGES_UNREAD: {
    exit: EXIT.verificationFailed,
    title: "Staging's pages could not be read after the cutover, so nobody looked for production in them.",
    next: 'Give staging.http what a visitor needs, then run: understudy leaks <site>',
  },
  STAGING_URL_ELSEWHERE: {
    exit: EXIT.preflight,
    title: 'staging.url does not lead to the staging host.',
    next: 'Correct staging.url or staging.http.resolve in the site file; nothing was changed.',
  },
  PRODUCTION_URL_MISMATCH: {
    exit: EXIT.preflight,
    title: "production.url is not the address that production's database gives.",
    next: 'Correct production.url in the site file: every address below it becomes one of staging.',
  },
  TABLE_PREFIX_MISMATCH: {
    exit: EXIT.preflight,
    title: "Staging's table prefix is not production's.",
    next: "Set $table_prefix in staging's wp-config.php to production's; the tables keep their names.",
  },
  HYGIENE_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The copy could not be made harmless.',
    next: 'Staging serves what it served before. Fix what is named above and start the build again.',
  },
  STAGING_ENVIRONMENT_TYPE: {
    severity: 'warning',
    title: "Staging's WP_ENVIRONMENT_TYPE is not staging.",
    next: "Add define( 'WP_ENVIRONMENT_TYPE', 'staging' ); to staging's wp-config.php.",
  },
  NETWORK_DOMAIN_MISMATCH: {
    exit: EXIT.preflight,
    title: "The network's domain in staging's wp-config.php is not the one of the staging URL.",
    next: "Set DOMAIN_CURRENT_SITE in staging's wp-config.php to the host of staging.url.",
  },
  OUTSIDE_ACCOUNTS: {
    severity: 'warning',
    title: "Plugins of the copy hold keys to production's accounts at other services.",
    next: 'Put them into test mode on staging and name their options in staging.keepOptions, or deactivate them there; docs/outside-accounts.md has the list.',
  },
  STAGING_CAN_SEND: {
    severity: 'warning',
    title: 'Staging can act on the outside by a way that a WordPress plugin cannot close.',
    next: "Close it in staging's PHP or firewall as the message says; docs/safety.md lists what is left to the owner.",
  },
  CACHE_SHARED_WITH_PRODUCTION: {
    severity: 'warning',
    title: 'Staging and production share the prefix of their object cache.',
    next: "Give staging a WP_CACHE_KEY_SALT (or WP_REDIS_PREFIX) of its own in staging's wp-config.php.",
  },
  STAGING_URL_UNPROVEN: {
    severity: 'warning',
    title: 'Could not determine whether staging.url leads to the staging host.',
    next: 'Give staging.http (basicAuth, headers, resolve, ca) what a visitor needs, then run understudy doctor <site>.',
  },
  STAGING_LEADS_TO_PRODUCTION: {
    severity: 'warning',
    title: 'An option of staging is an address of production, so visitors of staging end up there.',
    next: 'The sync replaces it. Until then do not use staging.',
  },
  STAGING_ROWS_NOT_PRESERVED: {
    severity: 'warning',
    title: "Staging's own options and users were not preserved before its database was dropped.",
    next: 'They are in the staging backup; understudy rollback <site> brings all of it back.',
  },
  NETWORK_SITES_UNMAPPED: {
    severity: 'warning',
    title: 'Some sites of the network have no staging address.',
    next: 'Add them to rewrite.network in the site file.',
  },
});
