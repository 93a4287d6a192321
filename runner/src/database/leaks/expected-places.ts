import { namesColumn } from '../rewrite/rules.js';
import { type ExpectedPlaces } from './find-leaks.js';

export interface ExpectedSettings {
  readonly prefix: string;
  /** `rewrite.skip` and `rewrite.allowLeaks`. */
  readonly skip: readonly string[];
  readonly allow: readonly string[];
  /** Shell patterns of options that were kept from the former staging. */
  readonly keptOptions: readonly string[];
  /** Mentions that the rewriter left in a value on purpose (keys, opaque payloads). */
  readonly leftOnPurpose: (value: Buffer) => number;
}

const IDENTITIES: readonly (readonly [string, string])[] = [
  ['*posts.guid', 'an identity, never an address to open'],
  ['users.user_pass', 'a secret'],
  ['options.option_name', 'a name'],
  ['*.meta_key', 'a name'],
];

/** Where production's name belongs after a rewriting that followed the rules. */
export function expectedPlaces(settings: ExpectedSettings): ExpectedPlaces {
  const { prefix } = settings;
  const named = (patterns: readonly string[], table: string, column: string) =>
    patterns.some((pattern) => namesColumn(pattern, table, column, prefix));
  return {
    column: (table, column) => {
      const identity = IDENTITIES.find(([pattern]) => namesColumn(pattern, table, column, prefix));
      if (identity !== undefined) return identity[1];
      if (named(settings.allow, table, column)) return 'rewrite.allowLeaks';
      return named(settings.skip, table, column) ? 'rewrite.skip' : undefined;
    },
    rows: (_, columns) => {
      if (!columns.includes('option_name') || !columns.includes('option_value')) return undefined;
      const kept = settings.keptOptions.map(
        (pattern) => `option_name LIKE X'${Buffer.from(likePattern(pattern)).toString('hex')}' ESCAPE '|'`,
      );
      const conditions = ["option_name = 'wc_subscriptions_siteurl'", ...kept];
      return { condition: conditions.join(' OR '), reason: 'an option that stays as it is' };
    },
    value: (value, leaks) =>
      settings.leftOnPurpose(value) >= leaks
        ? 'keys of serialized arrays and binary values, which are not changed'
        : undefined,
  };
}

const likePattern = (pattern: string): string =>
  pattern.replace(/[|%_]/g, '|$&').replaceAll('*', '%').replaceAll('?', '_');
