import { notifyOf } from '../config/index.js';
import { EXIT, UnderstudyError } from '../errors/index.js';
import { type Before, type Notice } from '../report/notify/notice.js';
import { sendNotice } from '../report/notify/send-notice.js';
import { createReporter } from '../report/reporter.js';
import { describeHolder } from '../run/holder.js';
import { exitCodeOf } from '../run/result.js';
import { type PastRun } from '../run/run-history.js';
import { type RunRecord } from '../run/run-record.js';
import { noteHistory } from './run-history.js';
import { type Session } from './session.js';

/**
 * A run is complete: people are told. What fails here is a warning; the sync stands.
 * @param done `found`: what the run's proof found although the new staging is up
 * @param former the run before it
 */
export async function afterSuccess(
  session: Session,
  { id: run }: RunRecord,
  { summary, found }: { readonly summary: string; readonly found?: UnderstudyError },
  former: PastRun | undefined,
): Promise<void> {
  if (found !== undefined) {
    const headline = `Staging has a new copy of production, but: ${found.message}`;
    return tell(session, { event: 'failure', run, headline, next: found.next }, former?.state);
  }
  const wanted = notifyOf(session.site)?.on ?? [];
  const isRecovery = former?.state === 'failed' && wanted.includes('recovered');
  const headline = `Staging is a fresh copy of production${isRecovery ? ' again' : ''}. ${summary}`;
  await tell(
    session,
    { event: isRecovery ? 'recovered' : 'success', run, headline, next: '' },
    former?.state,
  );
}

/** A run failed or was interrupted. */
export async function afterFailure(
  session: Session,
  run: string,
  record: RunRecord | undefined,
  error: unknown,
): Promise<void> {
  const isStopped = exitCodeOf(error) === EXIT.interrupted;
  const isRefused = exitCodeOf(error) === EXIT.locked && record === undefined;
  const former = isRefused
    ? undefined
    : await noteHistory(session, run, isStopped ? 'aborted' : 'failed', record);
  const message = error instanceof Error ? error.message : String(error);
  await tell(
    session,
    {
      event: 'failure',
      run,
      headline: `The sync ${isStopped ? 'was stopped' : 'failed'}. ${message}`,
      next: error instanceof UnderstudyError ? error.next : '',
    },
    former?.state,
  );
}

/** Updates were tested and wait for a person. */
export const afterHold = (session: Session, run: string, lines: readonly string[]): Promise<void> =>
  tell(session, {
    event: 'approval',
    run,
    headline: lines.join(' '),
    next: 'Approve or reject them in Jenkins.',
  });

const tell = (
  session: Session,
  notice: Pick<Notice, 'event' | 'run' | 'headline' | 'next'>,
  before?: Before,
): Promise<void> =>
  asWarning(session, () =>
    sendNotice(
      notifyOf(session.site),
      {
        ...notice,
        site: session.site.name,
        title: session.site.title,
        link: describeHolder(process.env).build,
      },
      before,
    ),
  );

async function asWarning(session: Session, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    createReporter(session.console, session.events()).warn({
      severity: 'warning',
      code: error.code,
      message: error.message,
      next: error.next,
    });
  }
}
