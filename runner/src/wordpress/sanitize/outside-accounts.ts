import { type OutsideAccount, PAYMENT_ACCOUNTS } from './payment-accounts.js';

const purges = "purges production's cache";

/**
 * Plugins through which a copy acts on production's accounts elsewhere: charges cards, empties mailing lists, deletes
 * files in a bucket. The one table: sanitizing, the report and docs/outside-accounts.md are made from it. Option names
 * are those of the plugins' own sources.
 */
export const OUTSIDE_ACCOUNTS: readonly OutsideAccount[] = [
  ...PAYMENT_ACCOUNTS,
  {
    plugin: 'WP Offload Media',
    files: [
      'amazon-s3-and-cloudfront/wordpress-s3.php',
      'amazon-s3-and-cloudfront-pro/amazon-s3-and-cloudfront-pro.php',
    ],
    acts: "writes to production's bucket and deletes what is deleted on staging",
    off: 'no copying, no removing, write keys dropped; addresses stay those of the bucket',
    changes: [
      {
        option: 'tantan_wordpress_s3',
        set: { 'copy-to-s3': '0', 'remove-local-file': '0', 'use-server-roles': '0' },
        empty: [
          'access-key-id',
          'secret-access-key',
          'aws-access-key-id',
          'aws-secret-access-key',
          'key-file',
          'key-file-path',
        ],
      },
    ],
  },
  {
    plugin: 'Mailchimp for WooCommerce',
    files: ['mailchimp-for-woocommerce/mailchimp-woocommerce.php'],
    acts: 'changes the mailing list and its store; removing it on a copy disconnects production',
    off: 'key dropped',
    changes: [{ option: 'mailchimp-woocommerce', empty: ['mailchimp_api_key'] }],
  },
  {
    plugin: 'MC4WP: Mailchimp for WordPress',
    files: ['mailchimp-for-wp/mailchimp-for-wp.php'],
    acts: 'subscribes people to the mailing list',
    off: 'key dropped',
    changes: [{ option: 'mc4wp', empty: ['api_key'] }],
  },
  {
    plugin: 'Cloudflare',
    files: ['cloudflare/cloudflare.php'],
    acts: purges,
    off: 'key dropped',
    changes: [{ option: 'cloudflare_api_key', value: '' }],
  },
  {
    plugin: 'Super Page Cache for Cloudflare',
    files: ['wp-cloudflare-page-cache/wp-cloudflare-super-page-cache.php'],
    acts: `${purges} and changes its rules at Cloudflare`,
    off: 'key and token dropped',
    changes: [{ option: 'swcfpc_config', empty: ['cf_apikey', 'cf_apitoken', 'cf_zoneid'] }],
  },
  {
    plugin: 'LiteSpeed Cache',
    files: ['litespeed-cache/litespeed-cache.php'],
    acts: `${purges} at Cloudflare`,
    off: 'Cloudflare off, key dropped',
    changes: [
      { option: 'litespeed.conf.cdn-cloudflare', value: '' },
      { option: 'litespeed.conf.cdn-cloudflare_key', value: '' },
    ],
  },
  {
    plugin: 'Fastly',
    files: ['fastly/purgely.php'],
    acts: purges,
    off: 'key dropped',
    changes: [{ option: 'fastly-settings-general', empty: ['fastly_api_key'] }],
  },
  {
    plugin: 'WP Rocket',
    files: ['wp-rocket/wp-rocket.php'],
    acts: `${purges} at Cloudflare and Sucuri`,
    off: 'both off, keys dropped',
    changes: [
      {
        option: 'wp_rocket_settings',
        set: { do_cloudflare: '0', sucuri_waf_cache_sync: '0' },
        empty: ['cloudflare_api_key', 'cloudflare_zone_id', 'sucuri_waf_api_key'],
      },
    ],
  },
  {
    plugin: 'WP Search with Algolia',
    files: ['wp-search-with-algolia/algolia.php'],
    acts: "writes to production's search index",
    off: 'admin key dropped',
    changes: [{ option: 'algolia_api_key', value: '' }],
  },
  {
    plugin: 'ElasticPress',
    files: ['elasticpress/elasticpress.php'],
    acts: "writes to production's search server",
    off: 'address dropped, so WordPress searches its own database; EP_HOST in wp-config.php stays',
    changes: [{ option: 'ep_host', value: '' }],
  },
  {
    plugin: 'UpdraftPlus',
    files: ['updraftplus/updraftplus.php'],
    acts: "sends backups to production's storage and deletes old ones there",
    off: 'no schedule, no remote storage',
    changes: [
      { option: 'updraft_interval', value: 'manual' },
      { option: 'updraft_interval_database', value: 'manual' },
      { option: 'updraft_service', value: 'none' },
    ],
  },
  ...reported([
    ['Jetpack', 'jetpack/jetpack.php', "is connected to production's account at WordPress.com"],
    [
      'S3 Uploads',
      's3-uploads/s3-uploads.php',
      "writes to production's bucket with the keys of wp-config.php",
    ],
    ['WP-Stateless', 'wp-stateless/wp-stateless-media.php', "writes to production's bucket"],
    ['Media Cloud', 'ilab-media-tools/ilab-media-tools.php', "writes to production's bucket"],
    ['MailPoet', 'mailpoet/mailpoet.php', 'sends newsletters through its own sender'],
    ['Mailster', 'mailster/mailster.php', 'sends newsletters through its own sender'],
    ['Klaviyo', 'klaviyo/klaviyo.php', 'reports visitors and orders to the mailing list'],
    ['HubSpot', 'leadin/leadin.php', "sends forms from the visitor's browser to production's account"],
    [
      'Facebook for WooCommerce',
      'facebook-for-woocommerce/facebook-for-woocommerce.php',
      "changes production's catalogue",
    ],
    [
      'Google for WooCommerce',
      'google-listings-and-ads/google-listings-and-ads.php',
      "changes production's catalogue",
    ],
    [
      'Pinterest for WooCommerce',
      'pinterest-for-woocommerce/pinterest-for-woocommerce.php',
      "changes production's catalogue",
    ],
    [
      'WooCommerce Shipping & Tax',
      'woocommerce-services/woocommerce-services.php',
      "buys labels with production's account",
    ],
    ['C3 CloudFront Cache Controller', 'c3-cloudfront-clear-cache/c3-cloudfront-clear-cache.php', purges],
    ['BackWPup', 'backwpup/backwpup.php', "sends backups to production's storage and deletes old ones there"],
    ['BlogVault', 'blogvault-real-time-backup/blogvault.php', "reports changes to production's backup"],
    ['VaultPress', 'vaultpress/vaultpress.php', "reports changes to production's backup"],
    ['MainWP Child', 'mainwp-child/mainwp-child.php', "answers to production's dashboard"],
    ['ManageWP Worker', 'worker/init.php', "answers to production's dashboard"],
  ]),
];

/** Plugins without a switch that could be set in the copy. */
function reported(rows: readonly (readonly [string, string, string])[]): OutsideAccount[] {
  return rows.map(([plugin, file, acts]) => ({ plugin, files: [file], acts }));
}
