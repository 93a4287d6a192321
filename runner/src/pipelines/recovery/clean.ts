import { several } from '../../errors/index.js';
import { giveBackRoom } from './give-back-room.js';
import { withOwnRunLock } from '../session/run-lock.js';
import { type RunSummary } from '../sync/run-sync.js';
import { type Session } from '../session/session.js';

/** `understudy clean`: removes what unfinished runs left; the next sync would do it too. */
export async function cleanUp(session: Session): Promise<RunSummary> {
  const removed = await withOwnRunLock(session, (_lock, own) => giveBackRoom(session, own.id));
  const summary = `Removed what ${several(removed.length, 'unfinished run')} had left.`;
  session.console.line(summary);
  return { run: '', summary };
}
