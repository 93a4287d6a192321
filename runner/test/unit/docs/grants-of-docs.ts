import { DUMP_PRIVILEGES, SCHEMA_PRIVILEGES } from '../../../src/database/schema/grants.js';
import { grantLine, historyGrant } from '../../../src/database/restore/survey-staging.js';

/** The databases and accounts that the pages speak of. */
export const PRODUCTION = { schema: 'acme', account: 'understudy_read@%' };
export const STAGING = { schema: 'acme_staging', account: 'acme_staging@localhost' };
export const ADMIN = { schema: 'acme_staging', account: 'understudy@localhost' };

/** `me@%` as statements write it. */
export const quotedAccount = (account: string): string => {
  const at = account.lastIndexOf('@');
  return `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
};

const swap = ({ schema, account }: typeof STAGING): string[] =>
  grantLine(schema, account, true)
    .split('; ')
    .map((statement) => statement.replace(/;$/, ''));

const replace = `GRANT ${SCHEMA_PRIVILEGES.join(', ')} ON \`${STAGING.schema.replaceAll('_', '\\_')}\`.* TO ${quotedAccount(STAGING.account)}`;

/** What pages may tell an administrator to run, made by what doctor makes it from. */
export const GRANTS = {
  backup: [
    `GRANT ${DUMP_PRIVILEGES.join(', ')} ON \`${PRODUCTION.schema}\`.* TO ${quotedAccount(PRODUCTION.account)}`,
  ],
  functions: [`GRANT EXECUTE ON \`${PRODUCTION.schema}\`.* TO ${quotedAccount(PRODUCTION.account)}`],
  routinesMariaDb: [`GRANT SELECT ON mysql.proc TO ${quotedAccount(PRODUCTION.account)}`],
  routinesMySql: [`GRANT SHOW_ROUTINE ON *.* TO ${quotedAccount(PRODUCTION.account)}`],
  swap: swap(STAGING),
  admin: swap(ADMIN),
  replace: [replace],
  history: [historyGrant('replace', STAGING.schema, STAGING.account).replace(/;$/, '')],
} as const;

const KNOWN: readonly string[] = Object.values(GRANTS).flat();

/** What is wrong with a statement of a page; undefined: nothing. */
export function grantProblem(statement: string): string | undefined {
  if (/^CREATE (USER|DATABASE) /.test(statement)) return undefined;
  return KNOWN.includes(statement) ? undefined : `${statement}: it is none of\n${KNOWN.join('\n')}`;
}
