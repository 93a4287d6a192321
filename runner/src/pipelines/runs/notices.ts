import { existsSync } from 'node:fs';
import path from 'node:path';
import { notifyOf } from '../../config/index.js';
import { type Site } from '../../config/site.js';
import { EXIT, UnderstudyError } from '../../errors/index.js';
import { type Console } from '../../report/terminal/console.js';
import { type EventLog, noEventLog } from '../../report/events/event-log.js';
import { type Notice } from '../../report/notify/notice.js';
import { sendNotice } from '../../report/notify/send-notice.js';
import { outcomeOf } from '../../report/run/outcome.js';
import { pageAddress } from '../../report/page/page-address.js';
import { createReporter } from '../../report/events/reporter.js';
import { foldEvents, readEvents, type RunReport } from '../../report/run/run-report.js';
import { describeHolder } from '../../run/holder.js';
import { OtherCommitError } from '../../run/resume.js';
import { type EndsPlace, type LastEnd, noteLastEnd, readLastEnds } from '../../run/last-ends.js';
import { errorOutcome, exitCodeOf } from '../../run/result.js';
import { type Session } from '../session/session.js';
import { NOT_APPROVED, type NotApproved } from './not-approved.js';

/** Commands whose end is reported by message: the work that it is the end of, and how a sentence about it begins. */
const WORK: Readonly<Record<string, readonly [work: string, subject: string]>> = {
  sync: ['sync', 'The sync'],
  stage: ['sync', 'The sync'],
  update: ['update', 'The update of staging'],
  hold: ['promote', 'Keeping staging for the approval'],
  promote: ['promote', 'The promotion'],
  archive: ['archive', 'The archiving'],
  publish: ['publish', 'The publication'],
  rollback: ['rollback', 'The rollback of staging'],
  recover: ['recover', 'The recovery'],
  finish: ['finish', 'The end of the build'],
};

export interface CommandEnd {
  readonly command: string;
  readonly site: Site;
  readonly workspace: string;
  readonly console: Console;
  /** Undefined where the command ended before its hosts were reached. */
  readonly session: (Pick<Session, 'events'> & Partial<Pick<Session, 'lock'>>) | undefined;
  /** '' where it ended before it had a run. */
  readonly run: string;
  readonly summary: string;
  /** What ended it; undefined: all is well. */
  readonly problem?: unknown;
}

/**
 * Sends the message about the end of a command, if the site wants one. Whatever ends a command badly comes through here,
 * also before a host was reached. Never fails: a message that does not arrive is a warning.
 */
export async function reportEnd(end: CommandEnd): Promise<void> {
  const [work, subject] = WORK[end.command] ?? [];
  if (work === undefined || subject === undefined || notifyOf(end.site) === undefined) return;
  const report = work === 'sync' ? reportOf(end) : undefined;
  if (end.problem === undefined) {
    const { command, summary } = end;
    // A stage is not the sync, and what only ends a build or asks for a decision is no success of anything.
    if (work === 'sync' ? report?.state !== 'complete' : ['hold', 'finish'].includes(command)) return;
    const headline = report === undefined ? summary : `${outcomeOf(report).headline} ${summary}`;
    return tellOf(end, work, { state: 'complete', headline, next: '' });
  }
  const state = exitCodeOf(end.problem) === EXIT.interrupted ? 'aborted' : 'failed';
  if (isKnown(end.problem) || (state === 'aborted' && end.session === undefined)) return;
  const { message, next } = errorOutcome(end.problem);
  const how = `${subject} ${state === 'aborted' ? 'was stopped' : 'failed'}.`;
  const headline = `${work === 'sync' ? syncHeadline(report) : how} ${message}`;
  const isRepair = exitCodeOf(end.problem) === EXIT.needsRepair;
  return tellOf(end, work, {
    state,
    headline,
    next,
    // A build that fails, and then cannot be finished for the same reason, sends one message.
    ...(end.command === 'finish' && !isRepair ? { onlyNews: true } : {}),
  });
}

/**
 * Who mistypes a command is there and knows; and the Jenkins bridge starts a command again with the commit of the site
 * files that its run began with.
 */
const isKnown = (problem: unknown): boolean =>
  problem instanceof OtherCommitError || (problem instanceof UnderstudyError && problem.code === 'USAGE');

const syncHeadline = (report: RunReport | undefined): string =>
  report === undefined ? 'The sync did not start.' : outcomeOf(report).headline;

/** A process died without a word: `finish` has found what it left, and reports it in its place. */
export const reportCutOff = (
  session: Session,
  run: string,
  command: string,
  summary: string,
): Promise<void> => {
  const [work = command, subject = ''] = WORK[command] ?? [];
  return tellOf({ ...endOf(session, run), command, summary }, work, {
    state: 'failed',
    headline: `${subject} was cut off: its process, or the agent, was killed. ${summary}`,
    next: 'Look at the end of the build’s log, then start the job again.',
    onlyNews: true,
  });
};

/** Updates were tested and wait for a person. */
export async function reportApproval(session: Session, run: string, lines: readonly string[]): Promise<void> {
  const end = { ...endOf(session, run), command: 'hold', summary: '' };
  await send(end, {
    event: 'approval',
    headline: lines.join(' '),
    next: 'Read the report, then approve or reject the updates in Jenkins.',
  });
}

/** Nobody approved them. Who was asked to decide hears how it ended; it counts as a promotion that was stopped. */
export async function reportNotApproved(
  session: ReportingSession,
  run: string,
  why: NotApproved,
): Promise<void> {
  await tellOf({ ...endOf(session, run), command: 'hold', summary: '' }, 'promote', {
    state: 'aborted',
    headline: `The updates of run ${run} ${NOT_APPROVED[why]}. Nothing was promoted.`,
    next: 'Staging may be synced again. To promote after all, start the promotion with this run while staging still has it.',
  });
}

/** What of a session a message needs. */
type ReportingSession = Pick<Session, 'site' | 'workspace' | 'console'> & NonNullable<CommandEnd['session']>;

const endOf = (session: ReportingSession, run: string): Omit<CommandEnd, 'command' | 'summary'> => ({
  site: session.site,
  workspace: session.workspace,
  console: session.console,
  session,
  run,
});

interface Told {
  readonly state: LastEnd['state'];
  readonly headline: string;
  readonly next: string;
  /** Nothing is sent where this build has reported a failure already. */
  readonly onlyNews?: boolean;
}

/** Compares with the last end of the same work, sends, and notes this one. */
async function tellOf(
  end: CommandEnd,
  work: string,
  { state, headline, next, onlyNews }: Told,
): Promise<void> {
  const place = placeOf(end);
  const ends = await readLastEnds(place);
  const { build } = describeHolder(process.env);
  if (onlyNews === true && (isReported(ends, build) || isNoted(ends[work], end.run))) return;
  const before = ends[work]?.state;
  const isRecovery = before === 'failed' && notifyOf(end.site)?.on.includes('recovered') === true;
  const event = state !== 'complete' ? 'failure' : isRecovery ? 'recovered' : 'success';
  await send(end, { event, headline, next }, before);
  await noteLastEnd(place, ends, work, { state, at: new Date().toISOString(), run: end.run, build });
}

const isReported = (ends: Readonly<Record<string, LastEnd>>, build: string): boolean =>
  build !== '' && Object.values(ends).some((end) => end.build === build && end.state !== 'complete');

const isNoted = (end: LastEnd | undefined, run: string): boolean => run !== '' && end?.run === run;

const placeOf = ({ workspace, site, session }: CommandEnd): EndsPlace => ({
  workspace,
  site: site.name,
  ...(session?.lock === undefined
    ? {}
    : { staging: { host: session.lock.staging, workDir: session.lock.workDir } }),
});

async function send(
  end: CommandEnd,
  said: Pick<Notice, 'event' | 'headline' | 'next'>,
  before?: LastEnd['state'],
): Promise<void> {
  const { site, run, console, session } = end;
  const notice: Notice = { ...said, ...linkOf(end), site: site.name, title: site.title, run };
  try {
    await sendNotice(notifyOf(site), notice, before);
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    const events: EventLog = session?.events() ?? noEventLog;
    const { code, message, next } = error;
    createReporter(console, events).warn({ severity: 'warning', code, message, next });
  }
}

const fileOf = ({ workspace, site, run }: CommandEnd, name: string): string =>
  path.resolve(workspace, site.name, run, name);

/** The page about the work where a reader of the message can open it; else the build. */
function linkOf(end: CommandEnd): Pick<Notice, 'link' | 'opens'> {
  const work = WORK[end.command]?.[0];
  const page = fileOf(end, work === 'sync' ? 'report.html' : 'maintenance.html');
  const address = end.run !== '' && existsSync(page) ? pageAddress(page) : '';
  return /^https?:/.test(address)
    ? { link: address, opens: 'report' }
    : { link: describeHolder(process.env).build, opens: 'build' };
}

/** What this process noted of its run; undefined where it had none. */
function reportOf(end: CommandEnd): RunReport | undefined {
  const events = end.run === '' ? [] : readEvents(fileOf(end, 'events.ndjson'));
  return events.length === 0 ? undefined : foldEvents(events);
}
