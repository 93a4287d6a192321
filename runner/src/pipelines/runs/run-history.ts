import { within } from '../../hosts/deferred.js';
import { addToHistory } from '../../run/run-history.js';
import { type RunRecord } from '../../run/run-record.js';
import { type Session } from '../session/session.js';
import { versionsOf } from './wordpress-versions.js';

/** What a dead connection may cost at the end of a command. */
const PATIENCE_MS = 15_000;
/** Former runs beside which a report shows its own. */
const MOST_RUNS = 9;

/**
 * A run has ended: it goes into the site's history, and its report gets the runs and the copy before it.
 * @param hasEnded when it may be written; what is asked before does not wait for it
 */
export async function noteHistory(
  session: Session,
  run: string,
  state: RunRecord['state'],
  record: RunRecord | undefined,
  hasEnded: Promise<void> = Promise.resolve(),
): Promise<void> {
  const { lock } = session;
  // Not under the lock, which may be free by now: of two runs that end at once one may be missing.
  const isRead = session.site.type === 'wordpress' && record !== undefined;
  const [{ runs, rows }, versions] = await Promise.all([
    addToHistory(lock.staging, lock.workDir, { run, state }, record, hasEnded),
    isRead ? within(PATIENCE_MS, versionsOf(session)) : undefined,
  ]);
  session.events().write({
    type: 'history',
    runs: runs.slice(0, MOST_RUNS),
    rows: Object.entries(rows).map(([name, count]) => ({ name, values: [count] })),
    ...(versions === undefined ? {} : { wordpress: { ...versions } }),
  });
}
