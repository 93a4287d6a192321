import { errors, warnings } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const rewriteCodes = {
  ...errors(EXIT.usage, {
    REWRITE_PAIR_REFUSED: {
      title: 'A replacement pair is invalid.',
      next: 'Give whole URLs, host names or texts of at least four bytes.',
    },
    REWRITE_TABLES_UNKNOWN: {
      title: 'A dump does not define the columns of its tables.',
      next: 'Give the CREATE TABLE statements with --tables schema.sql (mysqldump --no-data writes them), or dump with --complete-insert.',
    },
  }),
  ...errors(EXIT.stageFailed, {
    LEAK_FOUND: {
      title: 'The staging database still contains production URLs.',
      next: 'Read the list of tables and columns; add a rewrite pair or an exception to the site file.',
    },
    REWRITE_VALUE_REFUSED: {
      title: 'A rewritten value does not fit into its column.',
      next: 'Staging serves what it served before. Widen the named column on production, delete the named row, or add the column to rewrite.skip.',
    },
    REWRITE_STREAM_BROKEN: {
      title: 'A dump could not be read completely, or its rewritten form could not be written.',
      next: 'The output is incomplete: delete it and start again.',
    },
    SERIALIZED_BROKEN: {
      title: 'Serialized values that were valid before the rewrite are now invalid.',
      next: 'Staging serves what it served before. Please report this with the tables and columns above; rewrite.skip excludes them.',
    },
    SETTINGS_CHANGED: {
      title: 'With the new files, staging would use other settings.',
      next: 'Staging serves what it served before. Name the file above in content.keepOnStaging, or move its settings into a separate file on each side.',
    },
    PLUGIN_NOT_LOADED: {
      title: 'The copy runs without the plugin that keeps it harmless.',
      next: "Staging serves what it served before. Make sure that staging's WordPress loads must-use plugins from its own document root, and that staging.url leads to it; then start the build again.",
    },
    HISTORY_KEPT: {
      title:
        'What rows of a system-versioned table were before sanitizing could not be deleted from the copy.',
      next: 'Staging serves what it served before. Give its account DELETE HISTORY on its databases (docs/accounts.md), then start the build again.',
    },
    HYGIENE_FAILED: {
      title: 'The copy could not be sanitized.',
      next: 'Staging serves what it served before. Fix the problem above and start the build again.',
    },
  }),
  ...errors(EXIT.verificationFailed, {
    PAGE_LEAK_FOUND: {
      title: 'Staging pages still point to production.',
      next: 'Check the pages above. The new staging is live; understudy rollback <site> restores the former one.',
    },
    GIT_EXPOSED: {
      title: "A .git folder is publicly readable on staging, and with it the site's code and history.",
      next: 'Remove the .git folder from the document root of staging; a sync never copies one.',
    },
    STAGING_UNPROVEN: {
      title: 'The copy is in place, but it could not be proven harmless.',
      next: 'Give staging.http what a visitor needs, then sync again; understudy rollback <site> restores the former staging.',
    },
    PAGES_UNREAD: {
      title:
        "Staging's pages could not be read after the cutover, so they were not searched for production's address.",
      next: 'Give staging.http what a visitor needs, then run: understudy leaks <site>',
    },
  }),
  ...errors(EXIT.preflight, {
    STAGING_URL_ELSEWHERE: {
      title: 'staging.url does not lead to the staging host.',
      next: 'Correct staging.url or staging.http.resolve in the site file; nothing was changed.',
    },
    PRODUCTION_URL_MISMATCH: {
      title: "production.url differs from the address in production's database.",
      next: 'Correct production.url in the site file: every address below it is rewritten to staging.',
    },
    TABLE_PREFIX_MISMATCH: {
      title: 'Staging and production have different table prefixes.',
      next: "Set $table_prefix in staging's wp-config.php to that of production; the tables keep their names.",
    },
    NETWORK_DOMAIN_MISMATCH: {
      title: "The network's domain in staging's wp-config.php differs from the staging URL.",
      next: "Set DOMAIN_CURRENT_SITE in staging's wp-config.php to the host of staging.url.",
    },
  }),
  ...warnings({
    STAGING_ENVIRONMENT_TYPE: {
      title: "Staging's WP_ENVIRONMENT_TYPE is not staging.",
      next: "Add define( 'WP_ENVIRONMENT_TYPE', 'staging' ); to staging's wp-config.php.",
    },
    OUTSIDE_ACCOUNTS: {
      title: "Plugins of the copy hold keys to production's accounts with other services.",
      next: 'Switch them to test mode on staging and name their options in staging.keepOptions, or deactivate them there; docs/outside-accounts.md has the list.',
    },
    STAGING_CAN_SEND: {
      title: 'Staging can reach other services in a way that a WordPress plugin cannot block.',
      next: "Block it in staging's PHP or firewall as the message says; docs/safety.md lists what is left to the owner.",
    },
    CACHE_SHARED_WITH_PRODUCTION: {
      title: 'Staging and production share the prefix of their object cache.',
      next: "Give staging a WP_CACHE_KEY_SALT (or WP_REDIS_PREFIX) of its own in staging's wp-config.php.",
    },
    STAGING_URL_UNPROVEN: {
      title: 'Could not determine whether staging.url leads to the staging host.',
      next: 'Give staging.http (basicAuth, headers, resolve, ca) what a visitor needs, then run understudy doctor <site>.',
    },
    STAGING_LEADS_TO_PRODUCTION: {
      title: 'An option of staging is an address of production, so visitors of staging end up there.',
      next: 'The sync replaces it. Until then do not use staging.',
    },
    STAGING_ROWS_NOT_PRESERVED: {
      title: "Staging's own options and users were not preserved before its database was dropped.",
      next: 'They are in the staging backup; understudy rollback <site> brings all of it back.',
    },
    NETWORK_SITES_UNMAPPED: {
      title: 'Some sites of the network have no staging address.',
      next: 'Add them to rewrite.network in the site file.',
    },
  }),
};
