import path from 'node:path';
import { type StageName, stagesOf } from '../../config/stage-list.js';
import { createEventLog, type EventLog } from '../../report/events/event-log.js';
import { reportError, watchStage, type StageWatch } from '../../report/events/reporter.js';
import { writePage } from '../../report/page/html-page.js';
import { renderHtml } from '../../report/page/render-html.js';
import { renderJUnit } from '../../report/run/render-junit.js';
import { pageAddress } from '../../report/page/page-address.js';
import { outcomeText, renderMarkdown, renderText } from '../../report/terminal/render-text.js';
import { foldEvents, readEvents, type RunReport } from '../../report/run/run-report.js';
import { exitCodeOf } from '../../run/result.js';
import { EXIT, type ExitCode } from '../../errors/index.js';
import { type RunRecord } from '../../run/run-record.js';
import { labelOf } from '../../run/run-store.js';
import { openRunWorkspace, saveRecordCopy, type RunWorkspace } from '../../run/workspace.js';
import { type Session } from '../session/session.js';

/** What is told about a run while it goes on, and what is left of it to read. */
export interface RunLog {
  readonly events: EventLog;
  readonly workspace: RunWorkspace;
  watch(stage: StageName, since: Date): StageWatch;
  /** @param before what the rollback brings back */
  finish(record: RunRecord, exitCode: ExitCode, before?: 'copy' | 'empty'): void;
  fail(error: unknown): void;
}

export function openRunLog(session: Session, run: string): RunLog {
  const workspace = openRunWorkspace(session.workspace, session.site.name, run);
  const events = createEventLog(workspace.eventsFile, run, session.site.name);
  session.useEvents(events);
  let errorReported = false;
  return {
    events,
    workspace,
    watch: (stage, since) => {
      errorReported = true;
      const order = stagesOf(session.site.type);
      const place = { number: order.indexOf(stage) + 1, of: order.length, since };
      return watchStage(session.console, events, { name: stage, label: labelOf(stage) }, place);
    },
    finish(record, exitCode, before) {
      if (record.state === 'complete') events.write({ type: 'run-finished', state: 'complete', exitCode });
      saveRecordCopy(workspace, record);
      const report = writeReports(workspace);
      if (record.state === 'complete') showEnd(session, report, pageOf(workspace), before);
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
      const report = writeReports(workspace);
      const { console } = session;
      console.block(`\n${outcomeText(report, console.columns)}\nReport:   ${pageOf(workspace)}\n`);
    },
  };
}

const pageOf = ({ folder }: RunWorkspace): string => pageAddress(path.join(folder, 'report.html'));

/** The last screen of a sync: what it did, where to look at it, and the way back. */
function showEnd(
  { console, site }: Session,
  report: RunReport,
  page: string,
  before: 'copy' | 'empty' | undefined,
): void {
  if (!console.quiet) console.block(`\n${renderText(report, console.columns)}\n`);
  console.line(`Staging:  ${site.staging.url}`);
  console.line(`Report:   ${page}`);
  if (before === 'copy') console.line(`Go back:  understudy rollback ${site.name}`);
  if (before === 'empty')
    console.line(
      `Go back:  understudy rollback ${site.name} (staging was empty before this first copy, and would be again)`,
    );
}

/** HTML, Markdown and JUnit from the events of all processes of the run on this machine. */
export function writeReports(workspace: RunWorkspace): RunReport {
  const report = foldEvents(readEvents(workspace.eventsFile));
  writePage(workspace, 'report.html', renderHtml(report));
  workspace.write('report.md', renderMarkdown(report));
  workspace.write('junit.xml', renderJUnit(report));
  return report;
}
