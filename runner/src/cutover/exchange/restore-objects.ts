import { replaceObjects } from '../../database/restore/objects/replace-objects.js';
import { type PresentObject, type SchemaObject } from '../../database/restore/objects/schema-objects.js';
import { type StagingDatabase, withSiteAccount } from '../../database/restore/staging-account.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { CUTOVER_PATIENCE, type Patience, withPatience } from './blockers.js';
import { type StagingContext } from '../../run/site-context.js';

/**
 * Makes a schema of staging have exactly these objects; they are made by the site's own account, and what an import would
 * not make is left out and reported.
 * @param connection with that schema as its default
 * @param present what the schema has, where that was read just now
 */
export async function restoreObjects(
  context: StagingDatabase & Pick<StagingContext, 'reporter'>,
  connection: SqlConnection,
  schema: string,
  wanted: readonly SchemaObject[],
  patience: Patience = CUTOVER_PATIENCE,
  present?: readonly PresentObject[],
): Promise<void> {
  const refused = await withSiteAccount(context, connection, (open) =>
    replaceObjects(
      connection,
      schema,
      wanted,
      async () => {
        const own = await open();
        return own === connection ? own : withPatience(context, own, [schema], patience);
      },
      present,
    ),
  );
  for (const { object, why } of refused)
    context.reporter.warn({
      severity: 'warning',
      code: 'OBJECT_REFUSED',
      message: `The ${object.kind} ${object.name} was not created on staging: ${why}.`,
      next: 'Create it by hand if staging needs it; an import would not create it either.',
    });
}
