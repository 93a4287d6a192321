import { type StageName } from '../../config/stage-list.js';
import { logInAhead } from '../../database/connection/open-database.js';
import { stagingAccount } from '../../database/restore/staging-account.js';
import { REWRITE_SESSION } from '../../database/rewrite/rewrite-database.js';
import { type Session } from '../session/session.js';

/** The dump's witness and the list of objects beside it, and the one with which its tools are tried. */
const DUMP_SESSIONS = 3;
/** Readers and writers of stage 6, its look at what staging serves, and its second reading of serialized values. */
const REWRITE_SESSIONS = 6;

/**
 * Begins the logins that the stages of this process will need: each takes four round trips, which nobody waits for then.
 * A login alone reads and changes nothing, and holds no lock. Never throws.
 */
export function logInForStages(session: Session, names: readonly StageName[]): void {
  const needs = (...stages: StageName[]): boolean => stages.some((stage) => names.includes(stage));
  const tries = [
    needs('backup-database') ? logInToProduction(session) : undefined,
    logInToStaging(session, needs('import-database', 'rewrite-urls'), needs('rewrite-urls')),
  ];
  for (const each of tries) each?.catch(() => undefined);
}

async function logInToProduction({ hosts, database }: Session): Promise<void> {
  logInAhead(await hosts.productionDatabase(), await database.production(), DUMP_SESSIONS);
}

/** For the lock of the database. */
const LOCK_SESSIONS = 1;

async function logInToStaging(session: Session, isFilling: boolean, isRewriting: boolean): Promise<void> {
  const { site, hosts, database } = session;
  const [host, own, account] = await Promise.all([
    hosts.stagingDatabase(),
    database.staging(),
    stagingAccount(session),
  ]);
  // Each would be a process on staging's host, and hold a session of its connection.
  if (own.container !== undefined) return;
  logInAhead(host, own, LOCK_SESSIONS + (isFilling ? site.database.connections : 0));
  if (isRewriting) logInAhead(host, own, REWRITE_SESSIONS, REWRITE_SESSION);
  if (site.staging.admin !== undefined) logInAhead(host, account, 1);
}
