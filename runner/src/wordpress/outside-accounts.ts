/**
 * Plugins through which a copy acts on production's accounts elsewhere: charges cards, empties mailing lists, deletes
 * files in a bucket. The one table: sanitizing, the report and docs/outside-accounts.md are made from it. Option names
 * are those of the plugins' own sources.
 */
export interface OutsideAccount {
  readonly plugin: string;
  /** Main file below the plugins folder, as `active_plugins` has it. */
  readonly file: string;
  readonly acts: string;
  /** What is changed in the copy, in words; undefined: the plugin has no switch, it is reported. */
  readonly off?: string;
  readonly changes?: readonly OptionChange[];
}

/** One option of the plugin: keys of its serialized array, or the option as a whole. Missing ones are left out. */
export interface OptionChange {
  readonly option: string;
  /** Key of the array → value, as text; a key that is not there is added. */
  readonly set?: Readonly<Record<string, string>>;
  /** Keys of the array that become empty texts: secrets. */
  readonly empty?: readonly string[];
  /** The whole option gets this value. */
  readonly value?: string;
}

const stripeKeys = ['publishable_key', 'secret_key', 'webhook_secret'];

const gateway = (option: string, set: Readonly<Record<string, string>>, empty: readonly string[] = []) => ({
  acts: 'charges and refunds with live keys',
  off: `test mode${empty.length > 0 ? ', live keys dropped' : ''}`,
  changes: [{ option, set, empty }],
});

export const OUTSIDE_ACCOUNTS: readonly OutsideAccount[] = [
  {
    plugin: 'WooCommerce Stripe Gateway',
    file: 'woocommerce-gateway-stripe/woocommerce-gateway-stripe.php',
    ...gateway('woocommerce_stripe_settings', { testmode: 'yes' }, stripeKeys),
  },
  {
    plugin: 'WooPayments',
    file: 'woocommerce-payments/woocommerce-payments.php',
    ...gateway('woocommerce_woocommerce_payments_settings', { test_mode: 'yes' }),
  },
  {
    plugin: 'WooCommerce PayPal Payments',
    file: 'woocommerce-paypal-payments/woocommerce-paypal-payments.php',
    ...gateway('woocommerce-ppcp-settings', { sandbox_on: '1' }, [
      'client_id',
      'client_secret',
      'client_id_production',
      'client_secret_production',
    ]),
  },
  {
    plugin: 'PayPal Standard (WooCommerce)',
    file: 'woocommerce/woocommerce.php',
    ...gateway('woocommerce_paypal_settings', { testmode: 'yes' }, [
      'api_username',
      'api_password',
      'api_signature',
    ]),
  },
  {
    plugin: 'Braintree for WooCommerce',
    file: 'woocommerce-gateway-paypal-powered-by-braintree/woocommerce-gateway-paypal-powered-by-braintree.php',
    ...gateway('woocommerce_braintree_credit_card_settings', { environment: 'sandbox' }, [
      'private_key',
      'auth_access_token',
    ]),
  },
  {
    plugin: 'Mollie Payments for WooCommerce',
    file: 'mollie-payments-for-woocommerce/mollie-payments-for-woocommerce.php',
    acts: 'charges and refunds with live keys',
    off: 'test mode, live key dropped',
    changes: [
      { option: 'mollie-payments-for-woocommerce_test_mode_enabled', value: 'yes' },
      { option: 'mollie-payments-for-woocommerce_live_api_key', value: '' },
    ],
  },
  {
    plugin: 'Klarna Payments',
    file: 'klarna-payments-for-woocommerce/klarna-payments-for-woocommerce.php',
    ...gateway('woocommerce_klarna_payments_settings', { testmode: 'yes' }),
  },
  {
    plugin: 'Amazon Pay',
    file: 'woocommerce-gateway-amazon-payments-advanced/woocommerce-gateway-amazon-payments-advanced.php',
    ...gateway('woocommerce_amazon_payments_advanced_settings', { sandbox: 'yes' }),
  },
  {
    plugin: 'WooCommerce Square',
    file: 'woocommerce-square/woocommerce-square.php',
    ...gateway('wc_square_settings', { enable_sandbox: 'yes' }),
  },
  {
    plugin: 'Easy Digital Downloads',
    file: 'easy-digital-downloads/easy-digital-downloads.php',
    ...gateway('edd_settings', { test_mode: '1' }, ['live_secret_key', 'paypal_live_client_secret']),
  },
  {
    plugin: 'GiveWP',
    file: 'give/give.php',
    ...gateway('give_settings', { test_mode: 'enabled' }, ['live_secret_key']),
  },
  {
    plugin: 'Gravity Forms Stripe Add-On',
    file: 'gravityformsstripe/stripe.php',
    ...gateway('gravityformsaddon_gravityformsstripe_settings', { api_mode: 'test' }, ['live_secret_key']),
  },
  {
    plugin: 'WP Offload Media',
    file: 'amazon-s3-and-cloudfront/wordpress-s3.php',
    acts: "writes to production's bucket and deletes what is deleted on staging",
    off: 'no copying, no removing, write keys dropped; addresses stay those of the bucket',
    changes: [
      {
        option: 'tantan_wordpress_s3',
        set: { 'copy-to-s3': '0', 'remove-local-file': '0', 'use-server-roles': '0' },
        empty: ['access-key-id', 'secret-access-key', 'key-file'],
      },
    ],
  },
  {
    plugin: 'Mailchimp for WooCommerce',
    file: 'mailchimp-for-woocommerce/mailchimp-woocommerce.php',
    acts: 'changes the mailing list and its store; removing it on a copy disconnects production',
    off: 'key dropped',
    changes: [{ option: 'mailchimp-woocommerce', empty: ['mailchimp_api_key'] }],
  },
  {
    plugin: 'MC4WP: Mailchimp for WordPress',
    file: 'mailchimp-for-wp/mailchimp-for-wp.php',
    acts: 'subscribes people to the mailing list',
    off: 'key dropped',
    changes: [{ option: 'mc4wp', empty: ['api_key'] }],
  },
  {
    plugin: 'Cloudflare',
    file: 'cloudflare/cloudflare.php',
    acts: "purges production's cache",
    off: 'key dropped',
    changes: [{ option: 'cloudflare_api_key', value: '' }],
  },
  {
    plugin: 'WP Rocket',
    file: 'wp-rocket/wp-rocket.php',
    acts: "purges production's cache at Cloudflare",
    off: 'Cloudflare off, key dropped',
    changes: [
      {
        option: 'wp_rocket_settings',
        set: { do_cloudflare: '0' },
        empty: ['cloudflare_api_key', 'cloudflare_zone_id'],
      },
    ],
  },
  {
    plugin: 'WP Search with Algolia',
    file: 'wp-search-with-algolia/algolia.php',
    acts: "writes to production's search index",
    off: 'admin key dropped',
    changes: [{ option: 'algolia_admin_api_key', value: '' }],
  },
  {
    plugin: 'UpdraftPlus',
    file: 'updraftplus/updraftplus.php',
    acts: "sends backups to production's storage and deletes old ones there",
    off: 'no schedule',
    changes: [
      { option: 'updraft_interval', value: 'manual' },
      { option: 'updraft_interval_database', value: 'manual' },
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
    ['ElasticPress', 'elasticpress/elasticpress.php', "writes to production's search server"],
    [
      'C3 CloudFront Cache Controller',
      'c3-cloudfront-clear-cache/c3-cloudfront-clear-cache.php',
      "purges production's cache",
    ],
    ['BackWPup', 'backwpup/backwpup.php', "sends backups to production's storage and deletes old ones there"],
    ['MainWP Child', 'mainwp-child/mainwp-child.php', "answers to production's dashboard"],
  ]),
];

/** Plugins without a switch that could be set in the copy. */
function reported(rows: readonly (readonly [string, string, string])[]): OutsideAccount[] {
  return rows.map(([plugin, file, acts]) => ({ plugin, file, acts }));
}
