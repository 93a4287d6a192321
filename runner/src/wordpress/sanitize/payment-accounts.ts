const charges = 'charges and refunds with live keys';

/** An option of a gateway that has a switch for its test mode, and maybe secrets. */
const gateway = (option: string, set: Readonly<Record<string, string>>, empty: readonly string[] = []) => ({
  acts: charges,
  off: `test mode${empty.length > 0 ? ', live keys dropped' : ''}`,
  changes: [{ option, set, empty }],
});

/** Plugins that take payments: the first part of OUTSIDE_ACCOUNTS (outside-accounts.ts). */
export const PAYMENT_ACCOUNTS: readonly OutsideAccount[] = [
  {
    plugin: 'WooCommerce Stripe Gateway',
    files: ['woocommerce-gateway-stripe/woocommerce-gateway-stripe.php'],
    ...gateway('woocommerce_stripe_settings', { testmode: 'yes' }, [
      'publishable_key',
      'secret_key',
      'webhook_secret',
      // OAuth: anyone who refreshes it first makes the other's useless.
      'refresh_token',
    ]),
  },
  {
    plugin: 'Payment Plugins for Stripe WooCommerce',
    files: ['woo-stripe-payment/stripe-payments.php'],
    ...gateway('woocommerce_stripe_api_settings', { mode: 'test' }, [
      'publishable_key_live',
      'secret_key_live',
      'webhook_secret_live',
    ]),
  },
  {
    plugin: 'WooPayments',
    files: ['woocommerce-payments/woocommerce-payments.php'],
    ...gateway('woocommerce_woocommerce_payments_settings', { test_mode: 'yes' }),
  },
  {
    plugin: 'WooCommerce PayPal Payments',
    files: ['woocommerce-paypal-payments/woocommerce-paypal-payments.php'],
    acts: charges,
    off: 'sandbox, live keys dropped',
    changes: [
      {
        option: 'woocommerce-ppcp-settings',
        set: { sandbox_on: '1' },
        empty: ['client_id', 'client_secret', 'client_id_production', 'client_secret_production'],
      },
      // Since version 3. Its flags are typed: without keys it counts as not connected.
      { option: 'woocommerce-ppcp-data-common', empty: ['client_id', 'client_secret'] },
    ],
  },
  {
    plugin: 'PayPal Express Checkout (WooCommerce)',
    files: ['woocommerce-gateway-paypal-express-checkout/woocommerce-gateway-paypal-express-checkout.php'],
    ...gateway('woocommerce_ppec_paypal_settings', { environment: 'sandbox' }, [
      'api_username',
      'api_password',
      'api_signature',
      'api_certificate',
    ]),
  },
  {
    plugin: 'PayPal Standard (WooCommerce)',
    files: ['woocommerce/woocommerce.php'],
    ...gateway('woocommerce_paypal_settings', { testmode: 'yes' }, [
      'api_username',
      'api_password',
      'api_signature',
    ]),
  },
  {
    plugin: 'Braintree for WooCommerce',
    files: [
      'woocommerce-gateway-paypal-powered-by-braintree/woocommerce-gateway-paypal-powered-by-braintree.php',
    ],
    acts: charges,
    off: 'sandbox, live keys dropped',
    changes: [
      {
        option: 'woocommerce_braintree_credit_card_settings',
        set: { environment: 'sandbox' },
        empty: ['private_key'],
      },
      {
        option: 'woocommerce_braintree_paypal_settings',
        set: { environment: 'sandbox' },
        empty: ['private_key'],
      },
      { option: 'wc_braintree_auth_access_token', value: '' },
    ],
  },
  {
    plugin: 'Mollie Payments for WooCommerce',
    files: ['mollie-payments-for-woocommerce/mollie-payments-for-woocommerce.php'],
    acts: charges,
    off: 'test mode, live key dropped',
    changes: [
      { option: 'mollie-payments-for-woocommerce_test_mode_enabled', value: 'yes' },
      { option: 'mollie-payments-for-woocommerce_live_api_key', value: '' },
    ],
  },
  {
    plugin: 'MultiSafepay',
    files: ['multisafepay/multisafepay.php'],
    acts: charges,
    off: 'test mode, live key dropped',
    changes: [
      { option: 'multisafepay_testmode', value: '1' },
      { option: 'multisafepay_api_key', value: '' },
    ],
  },
  {
    plugin: 'Klarna Payments',
    files: ['klarna-payments-for-woocommerce/klarna-payments-for-woocommerce.php'],
    ...gateway('woocommerce_klarna_payments_settings', { testmode: 'yes' }),
  },
  {
    plugin: 'Klarna Checkout',
    files: ['klarna-checkout-for-woocommerce/klarna-checkout-for-woocommerce.php'],
    ...gateway('woocommerce_kco_settings', { testmode: 'yes' }),
  },
  {
    plugin: 'Amazon Pay',
    files: ['woocommerce-gateway-amazon-payments-advanced/woocommerce-gateway-amazon-payments-advanced.php'],
    acts: charges,
    off: 'sandbox, live keys dropped',
    changes: [
      {
        option: 'woocommerce_amazon_payments_advanced_settings',
        set: { sandbox: 'yes' },
        empty: ['mws_access_key', 'secret_key', 'app_client_secret'],
      },
      { option: 'woocommerce_amazon_payments_advanced_private_key', value: '' },
    ],
  },
  {
    plugin: 'WooCommerce Square',
    files: ['woocommerce-square/woocommerce-square.php'],
    acts: charges,
    off: 'sandbox, live tokens dropped',
    changes: [
      { option: 'wc_square_settings', set: { enable_sandbox: 'yes' } },
      { option: 'wc_square_access_tokens', empty: ['production'] },
      { option: 'wc_square_refresh_tokens', empty: ['production'] },
    ],
  },
  {
    plugin: 'Razorpay for WooCommerce',
    files: ['woo-razorpay/woo-razorpay.php'],
    acts: charges,
    off: 'keys dropped',
    changes: [{ option: 'woocommerce_razorpay_settings', empty: ['key_id', 'key_secret', 'webhook_secret'] }],
  },
  {
    plugin: 'Easy Digital Downloads',
    files: [
      'easy-digital-downloads/easy-digital-downloads.php',
      'easy-digital-downloads-pro/easy-digital-downloads.php',
    ],
    ...gateway('edd_settings', { test_mode: '1' }, [
      'live_secret_key',
      'paypal_live_client_secret',
      'amazon_mws_access_key',
      'amazon_mws_secret_key',
    ]),
  },
  {
    plugin: 'GiveWP',
    files: ['give/give.php'],
    ...gateway('give_settings', { test_mode: 'enabled' }),
  },
  {
    plugin: 'Paid Memberships Pro',
    files: ['paid-memberships-pro/paid-memberships-pro.php'],
    acts: charges,
    off: 'sandbox, live keys dropped',
    changes: [
      { option: 'pmpro_gateway_environment', value: 'sandbox' },
      { option: 'pmpro_stripe_secretkey', value: '' },
      { option: 'pmpro_live_stripe_connect_secretkey', value: '' },
    ],
  },
  {
    plugin: 'Gravity Forms Stripe Add-On',
    files: ['gravityformsstripe/stripe.php'],
    ...gateway('gravityformsaddon_gravityformsstripe_settings', { api_mode: 'test' }, ['live_secret_key']),
  },
];

/** A plugin through which a copy acts on production's accounts elsewhere. */
export interface OutsideAccount {
  readonly plugin: string;
  /** Main files below the plugins folder, as `active_plugins` has them: one of each edition. */
  readonly files: readonly string[];
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
