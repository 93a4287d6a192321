import { notifyOf } from '../config/index.js';
import { EXIT, UnderstudyError } from '../errors/index.js';
import { sendNotice, type Notice } from '../report/notify.js';
import { createReporter } from '../report/reporter.js';
import { describeHolder } from '../run/holder.js';
import { exitCodeOf } from '../run/result.js';
import { type RunRecord } from '../run/run-record.js';
import { noteHistory } from './run-history.js';
import { type Session } from './session.js';

/**
 * A run is complete: people are told. What fails here is a warning; the sync stands.
 * @param found what the run's proof found although the new staging is up
 */
export async function afterSuccess(
  session: Session,
  record: RunRecord,
  summary: string,
  found?: UnderstudyError,
): Promise<void> {
  const run = record.id;
  const former = await noteHistory(session, run, found === undefined ? 'complete' : 'failed', record);
  if (notifyOf(session.site) === undefined) return;
  if (found !== undefined) {
    const but = `staging is a fresh copy of production, but: ${found.message} Next: ${found.next}`;
    return tell(session, { event: 'failure', run, text: `${session.site.name}: ${but}` });
  }
  const recovered = former?.state === 'failed';
  const text = `${session.site.name}: staging is a fresh copy of production. ${summary}`;
  await tell(session, { event: 'success', run, text });
  if (recovered)
    await tell(session, { event: 'recovered', run, text: `${session.site.name} works again. ${summary}` });
}

/** A run failed or was interrupted. */
export async function afterFailure(
  session: Session,
  run: string,
  record: RunRecord | undefined,
  error: unknown,
): Promise<void> {
  await noteHistory(session, run, exitCodeOf(error) === EXIT.interrupted ? 'aborted' : 'failed', record);
  const message = error instanceof Error ? error.message : String(error);
  const next = error instanceof UnderstudyError ? ` Next: ${error.next}` : '';
  await tell(session, {
    event: 'failure',
    run,
    text: `${session.site.name}: the sync failed. ${message}${next}`,
  });
}

const tell = (session: Session, notice: Pick<Notice, 'event' | 'run' | 'text'>): Promise<void> =>
  asWarning(session, () =>
    sendNotice(notifyOf(session.site), {
      ...notice,
      site: session.site.name,
      link: describeHolder(process.env).build,
    }),
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
