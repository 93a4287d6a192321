import { type DatabaseOptions } from '../../config/site.js';
import { type Grant, missingPrivileges } from '../schema/grants.js';
import { incomingSchema, oldSchema, ownSchemasPattern } from './schema-names.js';

export interface ModeDecision {
  readonly mode: 'swap' | 'replace';
  /** One sentence for the plan. */
  readonly reason: string;
  /** What an administrator runs once so that the next sync can swap; only where swap was not possible. */
  readonly grant?: string;
  /** Privileges that the chosen mode needs and the account lacks: `` TRIGGER on `acme` ``. Empty: it can work. */
  readonly missing: readonly string[];
}

/**
 * Swap or replace, from what the account may do. Pure.
 * @param wanted `database.mode` of the site file
 * @param account as CURRENT_USER() gives it: `acme@%`
 * @param literal grants have no wildcards: see parseGrants
 */
export function decideMode(
  wanted: DatabaseOptions['mode'],
  live: string,
  grants: readonly Grant[],
  account: string,
  literal = false,
): ModeDecision {
  const onLive = missingOn(grants, live);
  const onSide = [incomingSchema(live, '000000'), oldSchema(live, 1)].flatMap((schema) =>
    missingOn(grants, schema),
  );
  if (wanted === 'replace')
    return {
      mode: 'replace',
      reason: 'The site file asks for it (database.mode: replace).',
      missing: onLive,
    };
  if (onLive.length === 0 && onSide.length === 0)
    return { mode: 'swap', reason: `The account ${account} may create schemas beside ${live}.`, missing: [] };
  const grant = literal ? {} : { grant: grantLine(live, account, onLive.length > 0) };
  if (wanted === 'swap')
    return {
      mode: 'swap',
      reason: 'The site file asks for it (database.mode: swap).',
      ...grant,
      missing: [...onLive, ...onSide],
    };
  return {
    mode: 'replace',
    reason: `The account ${account} may not work in schemas beside ${live}${literal ? ' (with partial_revokes, no grant has wildcards)' : ''}, so staging is down while the database is replaced.`,
    ...grant,
    missing: onLive,
  };
}

const missingOn = (grants: readonly Grant[], schema: string): readonly string[] => {
  const missing = missingPrivileges(grants, schema);
  return missing.length === 0 ? [] : [`${missing.join(', ')} on ${schema}`];
};

/** The statement, or both, that would allow swap mode. */
export function grantLine(live: string, account: string, onLiveToo = false): string {
  const at = account.lastIndexOf('@');
  const quote = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const who = `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
  const on = (pattern: string) => `GRANT ALL PRIVILEGES ON \`${pattern.replaceAll('`', '``')}\`.* TO ${who};`;
  const side = on(ownSchemasPattern(live));
  return onLiveToo ? `${on(live.replaceAll(/[\\_%]/g, '\\$&'))} ${side}` : side;
}
