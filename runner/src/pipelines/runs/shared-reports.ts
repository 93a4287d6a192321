import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { within } from '../../hosts/deferred.js';
import { addLines, readHostFile } from '../../hosts/host-files.js';
import { parseEvent } from '../../report/events/event-log.js';
import { assertRunId } from '../../run/run-id.js';
import { type RunStore } from '../../run/run-record.js';
import { openRunWorkspace, replaceFile } from '../../run/workspace.js';
import { type Session } from '../session/session.js';
import { noteRun } from './note-overview.js';
import { writeReports } from './run-log.js';
import { messageOf } from '../../errors/index.js';

/** Bytes. A run writes some hundred lines. */
const LARGEST_LOG = 16 * 1024 * 1024;
/** What a dead connection may cost at the end of a command. */
const PATIENCE_MS = 15_000;

/** What a session has put together last: without a new event, there is nothing to do. */
const shared = new WeakMap<Session, string>();

/**
 * The events of a run travel with it, beside its record on staging: another process of the run may be on another
 * machine, and every report holds the whole run. Puts together what is there and what this process wrote, in both
 * places, and writes the reports here. Never fails a command; what cannot be put together is said.
 */
export async function shareReports(session: Session, run: string): Promise<void> {
  if (shared.get(session) === eventsHere(session.workspace, session.site.name, run)) return;
  const sharing = share(session, assertRunId(run)).catch((cause: unknown) => messageOf(cause));
  const problem = (await within(PATIENCE_MS, sharing)) ?? 'staging does not answer';
  if (problem !== '')
    session.console.line(`   ! the reports here may lack what other machines did in this run: ${problem}`);
}

const logOnStaging = ({ stagingWorkDir }: RunStore, run: string): string =>
  `${stagingWorkDir}/runs/${run}/events.ndjson`;

/** What staging has of a run's events; '' without any. */
export async function eventsOnStaging(store: RunStore, run: string): Promise<string> {
  const file = logOnStaging(store, run);
  const bytes = await readHostFile(store.staging, file, limitsOf(file));
  return bytes?.toString('utf8') ?? '';
}

const limitsOf = (file: string) => ({
  maxBytes: LARGEST_LOG,
  refuse: (why: string): never => {
    throw new Error(`${file} cannot be used: ${why}`);
  },
});

/** What this machine has of them. */
export function eventsHere(workspace: string, site: string, run: string): string {
  const file = path.resolve(workspace, site, run, 'events.ndjson');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** @returns '' when all is well */
async function share(session: Session, run: string): Promise<string> {
  const { site, store, lock } = session;
  const workspace = openRunWorkspace(session.workspace, site.name, run);
  const here = eventsHere(session.workspace, site.name, run);
  const file = logOnStaging(store, run);
  // Not under the lock, which may be free by now: what two write at once is put together there.
  // A run that was refused before it had a record leaves nothing: its staging may have been production.
  const there = await addLines(lock.staging, file, here, limitsOf(file));
  const lines = mergeEvents(site.name, run, [there, eventsHere(session.workspace, site.name, run)]);
  if (lines.length === 0) return '';
  const text = `${lines.join('\n')}\n`;
  replaceFile(workspace.eventsFile, text);
  shared.set(session, text);
  noteRun(session.workspace, site, writeReports(workspace));
  return '';
}

/** The events of this run in all the logs, each once, by time. */
export function mergeEvents(site: string, run: string, logs: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const line of logs.flatMap((log) => log.split('\n'))) {
    const event = parseEvent(line);
    if (event?.site === site && event.run === run) found.set(line, event.time);
  }
  return [...found]
    .sort(([, one], [, other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([line]) => line);
}
