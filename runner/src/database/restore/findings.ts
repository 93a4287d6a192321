import { type Site } from '../../config/site.js';
import { type Finding, several } from '../../errors/index.js';
import { foreignTables, nameList, patternsFor } from '../schema/site-tables.js';
import { type ModeDecision, type StagingSurvey } from './survey-staging.js';
import { ownSchemasPattern } from './schema-names.js';
import { writableElsewhere } from '../schema/grants.js';

export interface RestoreSurvey {
  readonly site: Site;
  readonly live: string;
  /** WordPress's table prefix; '' for other sites. */
  readonly prefix: string;
  readonly server: StagingSurvey;
  readonly decision: ModeDecision;
  /** Data and indexes of production, estimated by its server. */
  readonly productionBytes: number;
  readonly hasMaintenancePage: boolean;
}

/** Everything that would stop stages 4 and 5, or that is worth knowing. Pure. */
export function restoreFindings(survey: RestoreSurvey): readonly Finding[] {
  return [
    ...rights(survey),
    ...unknownTables(survey),
    ...disk(survey),
    ...page(survey),
    ...elsewhere(survey),
  ];
}

function rights({ decision, server }: RestoreSurvey): readonly Finding[] {
  if (decision.missing.length > 0)
    return [
      {
        severity: 'error',
        code: 'DATABASE_RIGHTS_MISSING',
        message: `The staging account ${server.account} lacks ${decision.missing.join('; ')}.`,
        next: decision.grant,
      },
    ];
  if (decision.mode === 'swap' || decision.grant === undefined) return [];
  return [
    {
      severity: 'info',
      code: 'SWAP_NOT_ALLOWED',
      message: decision.reason,
      next: `This grant would allow a swap without an outage: ${decision.grant}`,
    },
  ];
}

/** Tables in the live schema that would go with the former generation though they are not the site's. */
function unknownTables({ site, prefix, server, live }: RestoreSurvey): readonly Finding[] {
  const { undecided } = foreignTables(server.tables, prefix, {
    alsoInSchema: site.database.alsoInSchema,
    // Whether production's are copied says nothing of what becomes of staging's.
    exclude: [],
  });
  if (undecided.length === 0) return [];
  return [
    {
      severity: 'error',
      code: 'DATABASE_UNKNOWN_TABLES',
      message: `${live} on staging has ${several(undecided.length, 'table that is', 'tables that are')} not of the site with the prefix ${prefix} and would go: ${nameList(undecided)}.`,
      next: `Move them to a schema of their own or drop them; if they may be replaced: database: { alsoInSchema: ${patternsFor(undecided, prefix)} }.`,
    },
  ];
}

/** The live database and the kept generations are there already: what comes in addition has to fit. */
function disk({ server, decision, productionBytes }: RestoreSurvey): readonly Finding[] {
  if (server.freeBytes === undefined) return [];
  const addition =
    decision.mode === 'swap' ? productionBytes : Math.max(0, productionBytes - server.liveBytes);
  const needed = Math.ceil(addition * 1.2);
  if (server.freeBytes > needed) return [];
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    {
      severity: 'error',
      code: 'DATABASE_DISK_SHORT',
      message: `The staging database needs about ${gigabytes(needed)} more, and ${gigabytes(server.freeBytes)} are free.`,
    },
  ];
}

function page({ decision, hasMaintenancePage }: RestoreSurvey): readonly Finding[] {
  if (decision.mode === 'swap' || hasMaintenancePage) return [];
  return [
    {
      severity: 'warning',
      code: 'MAINTENANCE_PAGE_MISSING',
      message: 'Staging shows errors while its database is replaced: the site declares no maintenance page.',
      next: 'Declare staging.maintenance.on and off, or allow swap mode.',
    },
  ];
}

function elsewhere({ server, live }: RestoreSurvey): readonly Finding[] {
  const own = [live, live.replaceAll(/[\\_%]/g, '\\$&'), ownSchemasPattern(live)];
  const others = writableElsewhere(server.grants, own);
  if (others.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'DATABASE_RIGHTS_TOO_WIDE',
      message: `The staging account ${server.account} may also write to ${others.map((name) => (name === '*' ? 'every schema' : name)).join(', ')}; it should not.`,
    },
  ];
}
