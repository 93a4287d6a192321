import { randomBytes } from 'node:crypto';
import { quoteIdentifier } from '../../commands/quote.js';
import { type ScrubMap } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type SanitizeNote, type WordPressSchema } from './wordpress-schema.js';
import { scrubOrders } from './scrub-orders.js';

/**
 * Replaces personal data by the site file's map. What stands instead is the same for the same person within a run
 * (so that joins still work) and cannot be traced back: the digest is made with a salt that nobody keeps.
 * @throws UnderstudyError HYGIENE_FAILED for a declared column that does not exist
 */
export async function scrub(schema: WordPressSchema, map: ScrubMap): Promise<SanitizeNote[]> {
  const salt = randomBytes(16).toString('hex');
  const notes: SanitizeNote[] = [];
  if (map.users) notes.push({ what: "users' personal data replaced", rows: await scrubUsers(schema) });
  if (map.comments)
    notes.push({ what: "commenters' personal data replaced", rows: await scrubComments(schema) });
  if (map.orders) notes.push({ what: "customers' personal data replaced", rows: await scrubOrders(schema) });
  for (const [place, how] of Object.entries(map.columns))
    notes.push({ what: `${place} replaced`, rows: await scrubColumn(schema, place, how, salt) });
  return notes;
}

/** Meta keys of users that WordPress and WooCommerce fill with personal data. */
const USER_META =
  "meta_key IN ('first_name','last_name','nickname','description','community-events-location','_application_passwords') " +
  "OR meta_key LIKE 'billing|_%' ESCAPE '|' OR meta_key LIKE 'shipping|_%' ESCAPE '|' " +
  "OR meta_key LIKE '|_woocommerce|_persistent|_cart%' ESCAPE '|'";

/** Passwords go too: `!` is no hash, so nobody logs in with it. Kept users get theirs back afterwards. */
async function scrubUsers(schema: WordPressSchema): Promise<number> {
  const rows = await schema.update(
    'users',
    ['ID', 'user_login', 'user_email', 'user_pass', 'display_name'],
    `user_email = CONCAT('user-', ID, '@example.invalid'),
        display_name = CONCAT('User ', ID), user_pass = '!', user_url = '', user_activation_key = '',
        user_nicename = CONCAT('user-', ID),
        user_login = IF(user_login LIKE '%@%', CONCAT('user-', ID), user_login)`,
  );
  await schema.update('usermeta', ['meta_key', 'meta_value'], `meta_value = '' WHERE ${USER_META}`);
  await schema.remove('signups', ['user_email', 'user_login']);
  return rows;
}

const scrubComments = (schema: WordPressSchema): Promise<number> =>
  schema.update(
    'comments',
    ['comment_author', 'comment_author_email', 'comment_author_IP'],
    `comment_author = CONCAT('Commenter ', comment_ID),
        comment_author_email = CONCAT('commenter-', comment_ID, '@example.invalid'),
        comment_author_url = '', comment_author_IP = '', comment_agent = ''`,
  );

type Replacement = ScrubMap['columns'][string];

async function scrubColumn(
  schema: WordPressSchema,
  place: string,
  how: Replacement,
  salt: string,
): Promise<number> {
  const dot = place.indexOf('.');
  const [base, column] = [place.slice(0, dot).toLowerCase(), place.slice(dot + 1)];
  const tables = schema.all(base, [column]);
  if (dot < 1 || tables.length === 0)
    throw new UnderstudyError(
      'HYGIENE_FAILED',
      `staging.scrub.columns names ${place}, but the database has no such column, so its personal data would stay.`,
      {
        next: 'Correct staging.scrub.columns (table without prefix, dot, column) and start the build again.',
      },
    );
  const name = quoteIdentifier(column);
  return schema.update(
    base,
    [column],
    `${name} = ${replacement(name, how)} WHERE ${name} IS NOT NULL`,
    how === 'null' || how === 'empty' ? [] : [salt],
  );
}

function replacement(name: string, how: Replacement): string {
  const digest = `SHA2(CONCAT(?, ${name}), 256)`;
  switch (how) {
    case 'null':
      return 'NULL';
    case 'empty':
      return "''";
    case 'email':
      return `IF(${name} = '', '', CONCAT(LEFT(${digest}, 12), '@example.invalid'))`;
    case 'name':
      return `IF(${name} = '', '', CONCAT('Name ', LEFT(${digest}, 8)))`;
    case 'hash':
      return `LEFT(${digest}, 16)`;
  }
}
