import { several } from '../../errors/index.js';
import { formatSeconds } from '../../report/format.js';
import { localTime } from '../../report/page/local-time.js';
import { type MaintenanceRecord, type Promotion } from '../maintenance-record.js';

/** What became of the tested updates, one sentence each: approval, promotion, archive, commit. Empty before that. */
export function outcomeSummary({ approval, promotion, archive, publish }: MaintenanceRecord): string[] {
  return [
    ...(approval === undefined
      ? []
      : [
          `Approved by ${approval.how === 'policy' ? 'the site’s policy, because all checks were green' : approval.by}, ${localTime(approval.at)}.`,
        ]),
    ...(promotion === undefined ? [] : promotionLines(promotion)),
    ...(archive === undefined ? [] : [`Archived, digest ${archive.digest.slice(0, 12)}.`]),
    ...(publish === undefined || publish.commits.length === 0
      ? []
      : [`Committed to ${publish.branch}: ${publish.commits.map((id) => id.slice(0, 12)).join(', ')}.`]),
  ];
}

function promotionLines({ state, hosts, pageSeconds, checks, backup }: Promotion): string[] {
  const count = several(hosts.length, 'host');
  const words = {
    complete: `Promoted to ${count}; the maintenance page was on for ${formatSeconds(pageSeconds)}.`,
    'rolled-back': 'Promoted, then rolled back: the former code is live.',
    running: 'Production is being changed, or its promotion was cut off.',
    failed:
      hosts.length === 0
        ? 'The promotion failed; production serves what it served.'
        : `The tested code is live on ${count}, but the promotion was not confirmed.`,
  };
  return [
    words[state],
    ...(checks === undefined
      ? []
      : [
          `Checks of production afterwards: ${String(checks.passed)} passed, ${String(checks.failed)} failed (${String(checks.newFailures ?? 0)} of them since the promotion), ${String(checks.skipped)} not made.`,
          ...((checks.newFailures ?? 0) > 0
            ? checks.failures.map((failure) => `On production: ${failure}`)
            : []),
        ]),
    ...(backup === '' ? [] : [`Backup of the database from before: ${backup}`]),
  ];
}
