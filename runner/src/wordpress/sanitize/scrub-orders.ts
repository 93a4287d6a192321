import { type WordPressSchema } from './wordpress-schema.js';

const PLACE = ['company', 'address_1', 'address_2', 'city', 'state', 'postcode', 'phone'] as const;

/**
 * Customers of WooCommerce: orders in their own tables (HPOS) and as posts, addresses, look-up tables, payment
 * tokens, download log. Amounts, products, countries and dates stay: tests need them.
 * @returns rows changed in the main tables
 */
export async function scrubOrders(schema: WordPressSchema): Promise<number> {
  const orders =
    (await scrubOrderTables(schema)) + (await scrubOrderPosts(schema)) + (await scrubLookups(schema));
  await schema.remove('woocommerce_payment_tokenmeta');
  await schema.remove('woocommerce_payment_tokens');
  await schema.update('wc_download_log', ['user_ip_address'], "user_ip_address = ''");
  await scrubRemains(schema);
  return orders;
}

/** What else names customers: download rights, addresses in accounts, the staff's notes on orders, logs. */
async function scrubRemains(schema: WordPressSchema): Promise<void> {
  await schema.update(
    'woocommerce_downloadable_product_permissions',
    ['order_id', 'user_email'],
    "user_email = CONCAT('order-', order_id, '@example.invalid')",
  );
  await schema.update(
    'usermeta',
    ['meta_key', 'meta_value'],
    `meta_value = '' WHERE (meta_key LIKE 'billing|_%' ESCAPE '|'
       OR meta_key LIKE 'shipping|_%' ESCAPE '|') AND meta_key NOT IN ('billing_country', 'shipping_country')`,
  );
  await schema.update(
    'comments',
    ['comment_ID', 'comment_content', 'comment_type'],
    "comment_content = CONCAT('Note ', comment_ID) WHERE comment_type = 'order_note'",
  );
  await schema.remove('woocommerce_log');
}

async function scrubOrderTables(schema: WordPressSchema): Promise<number> {
  const orders = await schema.update('wc_orders', ['id', 'billing_email'], {
    billing_email: "CONCAT('order-', id, '@example.invalid')",
    ip_address: "''",
    user_agent: "''",
    customer_note: "''",
    transaction_id: "''",
  });
  await schema.update('wc_order_addresses', ['order_id', 'email'], {
    first_name: "'First'",
    last_name: "CONCAT('Last ', order_id)",
    email: "CONCAT('order-', order_id, '@example.invalid')",
    ...Object.fromEntries(PLACE.map((column) => [column, "''"])),
  });
  await schema.update('wc_orders_meta', ['meta_key', 'meta_value'], `meta_value = '' WHERE ${PRIVATE_META}`);
  return orders;
}

const PRIVATE_META =
  "meta_key IN ('_customer_ip_address','_customer_user_agent','_transaction_id','_billing_address_index'," +
  "'_shipping_address_index','_stripe_customer_id','_stripe_source_id','_stripe_intent_id','_payment_tokens') " +
  "OR ((meta_key LIKE '|_billing|_%' ESCAPE '|' OR meta_key LIKE '|_shipping|_%' ESCAPE '|') " +
  "AND meta_key NOT IN ('_billing_email','_billing_country','_shipping_country'))";

/** `_billing_email` and the like are also meta keys of other posts' plugins; only posts of orders are touched. */
async function scrubOrderPosts(schema: WordPressSchema): Promise<number> {
  let rows = 0;
  for (const posts of schema.all('posts', ['ID', 'post_type'])) {
    const meta = schema
      .all('postmeta', ['post_id', 'meta_key', 'meta_value'])
      .find((table) => table.name === posts.name.replace(/posts$/, 'postmeta'));
    const isOrder = "p.post_type IN ('shop_order','shop_order_refund','shop_subscription')";
    if (meta === undefined) continue;
    const join = `UPDATE ${meta.sql} m JOIN ${posts.sql} p ON p.ID = m.post_id`;
    const emails = await schema.connection.execute(
      `${join} SET m.meta_value = CONCAT('order-', p.ID, '@example.invalid')
       WHERE ${isOrder} AND m.meta_key = '_billing_email'`,
    );
    await schema.connection.execute(
      `${join} SET m.meta_value = '' WHERE ${isOrder} AND (${PRIVATE_META.replaceAll('meta_key', 'm.meta_key')})`,
    );
    // The customer's note is the order's excerpt.
    await schema.connection.execute(
      `UPDATE ${posts.sql} p SET p.post_excerpt = '' WHERE ${isOrder} AND p.post_excerpt <> ''`,
    );
    rows += emails.affectedRows;
  }
  return rows;
}

const scrubLookups = (schema: WordPressSchema): Promise<number> =>
  schema.update('wc_customer_lookup', ['customer_id', 'email'], {
    username: "CONCAT('customer-', customer_id)",
    first_name: "'First'",
    last_name: "CONCAT('Last ', customer_id)",
    email: "CONCAT('customer-', customer_id, '@example.invalid')",
    city: "''",
    state: "''",
    postcode: "''",
  });
