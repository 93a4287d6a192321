import { shownLine } from '../../errors/index.js';
import { type RunEvent } from './event-log.js';
import { formatSeconds } from '../format.js';
import { renderProgress } from '../terminal/progress-meter.js';
import { renderFinding } from './reporter.js';
import { type Progress } from '../../run/progress.js';

/** An event as the console showed it when it happened; undefined: nothing that people read. */
export function renderEvent(event: RunEvent, verbose = false): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `── Run ${event.run} of ${event.site}${event.resumed ? ' goes on' : ''}`;
    case 'stage-started':
      return `── ${shownLine(event.label)}`;
    case 'step':
      return `   ${shownLine(event.text)}`;
    case 'progress':
      return verbose ? `   ${shownLine(renderProgress(event as Progress, 0))}` : undefined;
    case 'fact':
      return verbose ? `   · ${shownLine(`${event.name}: ${String(event.value)}`)}` : undefined;
    case 'counts':
    case 'history':
      return undefined;
    case 'finding':
      return renderFinding(event);
    case 'stage-finished': {
      const mark = event.state === 'complete' ? '✓' : event.state === 'skipped' ? '–' : '✗';
      return `   ${mark} ${shownLine(event.summary || event.state)} (${formatSeconds(event.seconds)})`;
    }
    case 'error':
      return [
        `   ✗ ${event.code}: ${shownLine(event.message)}`,
        ...event.details.map((detail) => `     ${detail.replaceAll('\n', '\n     ')}`),
        `     ${event.next.replaceAll('\n', '\n     ')}`,
      ].join('\n');
    case 'run-finished':
      return `── Run ${event.run}: ${shownLine(event.state)} (exit code ${String(event.exitCode)})`;
  }
}
