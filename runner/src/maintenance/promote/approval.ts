import { type MaintenanceSettings } from '../../config/sections.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { type Approval, type MaintenanceRecord } from '../maintenance-record.js';

export interface ApprovalRequest {
  /** Who approved, as Jenkins or the shell names the person. */
  readonly approvedBy?: string | undefined;
  /** Approve by the site's policy. */
  readonly byPolicy: boolean;
}

/**
 * The approval of exactly the tested tree: the recorded one, a person's, or the policy's.
 * @throws NOTHING_TESTED, NOT_APPROVED
 */
export function approve(
  record: MaintenanceRecord,
  { policy, people }: Pick<MaintenanceSettings['approve'], 'policy' | 'people'>,
  request: ApprovalRequest,
  now: Date,
): Approval {
  const digest = record.testedTree?.digest;
  if (digest === undefined)
    throw new UnderstudyError('NOTHING_TESTED', `Run ${record.run} has no tested tree.`);
  const at = now.toISOString();
  const person = request.approvedBy?.trim() ?? '';
  if (person !== '') return { by: (people[person] ?? person).slice(0, 200), at, how: 'person', digest };
  if (record.approval?.digest === digest) return record.approval;
  if (record.approval !== undefined)
    throw new UnderstudyError(
      'NOT_APPROVED',
      `${record.approval.by} approved another tree than the one that was tested last.`,
    );
  if (!request.byPolicy) throw new UnderstudyError('NOT_APPROVED', `Run ${record.run} was not approved.`);
  const problems = policyProblems(record, policy);
  if (problems.length > 0)
    throw new UnderstudyError('NOT_APPROVED', 'The policy does not approve this run; a person must.', {
      details: problems,
      next: 'Look at the report, then: understudy promote <site> --approved-by <name>.',
    });
  return { by: 'policy when-green', at, how: 'policy', digest };
}

/** Whether somebody has to look at the report: not everything is green. */
export const needsPerson = (record: MaintenanceRecord): boolean =>
  policyProblems(record, 'when-green').length > 0;

function policyProblems(record: MaintenanceRecord, policy: string): readonly string[] {
  const bad = record.items.filter(({ state }) => state === 'rolled-back' || state === 'failed');
  return [
    ...(policy === 'when-green' ? [] : ['maintenance.approve.policy is not when-green']),
    ...(record.checks === undefined ? ['there was no check after the updates'] : []),
    ...(record.checks !== undefined && record.checks.passed === 0 ? ['no check passed'] : []),
    ...(record.checks?.failures ?? []),
    ...(record.checks !== undefined && record.checks.failed > 0 && record.checks.failures.length === 0
      ? [`${several(record.checks.failed, 'check')} failed`]
      : []),
    ...bad.map(
      ({ kind, slug, state }) => `${kind} ${slug} was ${state === 'failed' ? 'not updated' : 'rolled back'}`,
    ),
  ];
}
