import { readCatalogue, type SchemaCatalogue } from '../../database/schema/catalogue.js';
import {
  canMoveSequences,
  findUnheld,
  findUnknownFunctions,
  type Holder,
  type Unheld,
} from '../../database/restore/objects/cannot-hold.js';
import { type RestoreSurvey } from '../../database/restore/findings.js';
import { findUnknownCalls } from '../../database/restore/objects/unknown-calls.js';
import { prepareImportSession, wantsPrimaryKey } from '../../database/restore/import-schema.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type Finding } from '../../errors/index.js';
import { lostCounters } from '../../wordpress/sanitize/lost-counters.js';
import { askProduction, askStaging, perContext, lookAtStaging } from './database-surveys.js';
import { type StageContext } from '../stage.js';

export const lookAtCatalogue = perContext(async (context): Promise<SchemaCatalogue> => {
  const { name } = await context.database.production();
  return askProduction(context, (connection) => readCatalogue(connection, name));
});

/** What staging's server cannot hold of production's schema, or production itself lost: reported before the dump, by table and column. */
export const unheldFindings = perContext(async (context): Promise<readonly Finding[]> => {
  const packets = smallPackets(context);
  packets.catch(() => undefined);
  const { name, prefix } = await context.database.production();
  const [production, unheld] = await askStaging(context, async (connection) => {
    const [catalogue, holder] = await Promise.all([
      lookAtCatalogue(context),
      readHolder(connection, lookAtStaging(context)),
    ]);
    return [catalogue, await findAll(catalogue, holder, connection)] as const;
  });
  const lost = context.site.type === 'wordpress' ? lostCounters(production.columns, prefix) : [];
  return [...grouped(unheld), ...(await packets), ...lost];

  async function findAll(
    production: SchemaCatalogue,
    holder: Holder,
    connection: SqlConnection,
  ): Promise<readonly Unheld[]> {
    const known = findUnheld(production, holder);
    const isSame =
      production.isMariaDb === connection.isMariaDb && production.version === connection.serverVersion;
    if (isSame) return known;
    const calls = await askProduction(context, (asked) => findUnknownCalls(asked, name, connection));
    return [...known, ...(await findUnknownFunctions(production, connection)), ...calls];
  }
});

/** Whether production has such a row only a look at every row could tell. */
async function smallPackets(context: StageContext): Promise<readonly Finding[]> {
  const limit = async (connection: SqlConnection) =>
    Number((await connection.query('SELECT @@GLOBAL.max_allowed_packet AS size'))[0]?.['size']);
  const [from, to] = await Promise.all([askProduction(context, limit), askStaging(context, limit)]);
  if (to >= from) return [];
  const shown = (bytes: number) => `${String(bytes / 1024 ** 2)} MiB`;
  return [
    {
      severity: 'warning',
      code: 'IMPORT_CANNOT_HOLD',
      message: `A row of more than ${shown(to)} would stop the import: max_allowed_packet is ${shown(to)} on staging and ${shown(from)} on production.`,
      next: 'Raise max_allowed_packet of the staging server to that of production.',
    },
  ];
}

async function readHolder(connection: SqlConnection, surveying: Promise<RestoreSurvey>): Promise<Holder> {
  const [{ decision, server }, engines, settings] = await inOneGo([
    surveying,
    connection.query(
      "SELECT ENGINE AS name FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')",
    ),
    // Changes nothing but this session, which only answers questions.
    prepareImportSession(connection),
  ]);
  return {
    isMariaDb: connection.isMariaDb,
    version: connection.serverVersion,
    engines: new Set(engines.map(({ name }) => String(name).toUpperCase())),
    strictInnoDb: settings.refused.has('innodb_strict_mode'),
    needsPrimaryKey: wantsPrimaryKey(settings),
    movesSequences: canMoveSequences(decision.mode, connection.serverVersion, server.grants),
    lowersNames: server.lowersNames,
  };
}

/** One finding for all places that have the same cause. */
function grouped(unheld: readonly Unheld[]): readonly Finding[] {
  const groups = new Map<string, Unheld[]>();
  for (const each of unheld) {
    const cause = JSON.stringify([each.severity, each.why, each.next]);
    groups.set(cause, [...(groups.get(cause) ?? []), each]);
  }
  return [...groups.values()].flatMap((places): Finding[] => {
    const [first] = places;
    if (first === undefined) return [];
    const { severity, why, next } = first;
    const verb = severity === 'error' ? 'Staging cannot hold' : 'Staging will not hold all of';
    const list = places.map(({ place }) => place).join(', ');
    return [{ severity, code: 'IMPORT_CANNOT_HOLD', message: `${verb} ${list}: ${why}.`, next }];
  });
}
