import { type StageName } from '../config/stage-list.js';
import { createEventLog, type EventLog } from '../report/event-log.js';
import { reportError, watchStage, type StageWatch } from '../report/reporter.js';
import { writePage } from '../report/html-page.js';
import { renderHtml } from '../report/render-html.js';
import { renderJUnit } from '../report/render-junit.js';
import { renderMarkdown, renderText } from '../report/render-text.js';
import { foldEvents, readEvents, type RunReport } from '../report/run-report.js';
import { exitCodeOf } from '../run/result.js';
import { EXIT, type ExitCode } from '../errors/index.js';
import { type RunRecord } from '../run/run-record.js';
import { labelOf } from '../run/run-store.js';
import { openRunWorkspace, saveRecordCopy, type RunWorkspace } from '../run/workspace.js';
import { type Session } from './session.js';

/** What is told about a run while it goes on, and what is left of it to read. */
export interface Story {
  readonly events: EventLog;
  readonly workspace: RunWorkspace;
  watch(stage: StageName): StageWatch;
  finish(record: RunRecord, exitCode: ExitCode): void;
  fail(error: unknown): void;
}

export function openStory(session: Session, run: string): Story {
  const workspace = openRunWorkspace(session.workspace, session.site.name, run);
  const events = createEventLog(workspace.eventsFile, run, session.site.name);
  session.useEvents(events);
  let errorReported = false;
  return {
    events,
    workspace,
    watch: (stage) => {
      errorReported = true;
      return watchStage(session.console, events, { name: stage, label: labelOf(stage) });
    },
    finish(record, exitCode) {
      if (record.state === 'complete') events.write({ type: 'run-finished', state: 'complete', exitCode });
      saveRecordCopy(workspace, record);
      const report = writeReports(workspace);
      if (record.state === 'complete') session.console.block(`\n${renderText(report)}`);
    },
    fail(error) {
      // executeStage reports the errors of stages; what failed before the first one is reported here.
      if (!errorReported) reportError(events, error);
      const exitCode = exitCodeOf(error);
      events.write({
        type: 'run-finished',
        state: exitCode === EXIT.interrupted ? 'aborted' : 'failed',
        exitCode,
      });
      writeReports(workspace);
    },
  };
}

/** HTML, Markdown and JUnit from the events of all processes of the run on this machine. */
export function writeReports(workspace: RunWorkspace): RunReport {
  const report = foldEvents(readEvents(workspace.eventsFile));
  writePage(workspace, 'report.html', renderHtml(report));
  workspace.write('report.md', renderMarkdown(report));
  workspace.write('junit.xml', renderJUnit(report));
  return report;
}
