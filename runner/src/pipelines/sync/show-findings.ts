import { type Finding } from '../../errors/index.js';
import { type Console } from '../../report/terminal/console.js';
import { renderFinding } from '../../report/events/reporter.js';

const WEIGHT = { error: 0, warning: 1, info: 2 } as const;

/** By weight, errors first. What stops nothing and asks for nothing is one line, and whole with `--verbose`. */
export function showFindings(console: Console, findings: readonly Finding[]): void {
  for (const finding of [...findings].sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity])) {
    if (finding.severity !== 'info' || console.verbose) console.block(renderFinding(finding));
    else console.note(`   · ${finding.message.split('\n')[0] ?? ''}`);
  }
}
