import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { incomingSchema } from '../../database/restore/schema-names.js';
import { historyGrant } from '../../database/restore/survey-staging.js';
import { HISTORY_PRIVILEGE, missingPrivileges } from '../../database/schema/grants.js';
import { deleteHistory } from '../../database/schema/history.js';
import { type Finding } from '../../errors/index.js';
import { askStaging, lookAtProduction, lookAtStaging } from '../survey/database-surveys.js';
import { lookAtCatalogue } from '../survey/unheld.js';
import { type StageContext } from '../stage.js';

/** Deletes what the rows of the copy were before they were sanitized, and says so. @throws HISTORY_KEPT */
export async function forgetHistory(
  { reporter }: StageContext,
  session: SqlConnection,
  schema: string,
  tables: readonly string[],
): Promise<void> {
  if (tables.length === 0) return;
  const rows = await deleteHistory(session, schema, tables);
  reporter.step(`old rows of system-versioned tables deleted: ${String(rows)}`);
}

/** Whether the account may do that: asked before anything is copied. */
export async function historyFindings(context: StageContext): Promise<readonly Finding[]> {
  const { type, staging } = context.site;
  // Nothing else changes rows of a site that is not WordPress.
  if (type === 'php' && staging.scrub.sql.length === 0) return [];
  const [{ tables }, { database }] = await Promise.all([lookAtCatalogue(context), lookAtProduction(context)]);
  const copied = new Set(database.tables.map(({ name }) => name));
  const versioned = tables.filter(({ name, isVersioned }) => isVersioned && copied.has(name));
  if (versioned.length === 0) return [];
  const { decision, live, server } = await lookAtStaging(context);
  // MySQL cannot hold such tables, and an account without any rights is told of all of them.
  if (decision.missing.length > 0 || !(await askStaging(context, async ({ isMariaDb }) => isMariaDb)))
    return [];
  const schema = decision.mode === 'swap' ? incomingSchema(live, '000000') : live;
  if (missingPrivileges(server.grants, schema, [HISTORY_PRIVILEGE]).length === 0) return [];
  const names = versioned.map(({ name }) => name).join(', ');
  return [
    {
      severity: 'error',
      code: 'DATABASE_RIGHTS_MISSING',
      message: `The staging account ${server.account} lacks ${HISTORY_PRIVILEGE} on ${schema}, so what sanitizing replaces would stay in the history of ${names}.`,
      next: historyGrant(decision.mode, live, server.account),
    },
  ];
}
