import { type StageName, stagesOf } from '../config/stage-list.js';
import { type Site } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { type RunRecord } from './run-record.js';
import { firstIncomplete } from './run-store.js';

export interface ResumeQuestion {
  readonly site: Pick<Site, 'name' | 'type' | 'digest' | 'run'>;
  readonly stage: StageName;
  readonly parameters: RunRecord['parameters'];
  readonly now: Date;
  /** Commit of the site files that this process reads, where known. */
  readonly configCommit?: string;
}

/** The run began with another commit of the site files. Jenkins checks that one out and asks again. */
export class OtherCommitError extends UnderstudyError {
  constructor(
    run: string,
    readonly commit: string,
  ) {
    super('OTHER_COMMIT', `Run ${run} started with the site files of commit ${commit}.`, {
      next: `Check out ${commit} of the site files to continue it, or start again from stage sync-content.`,
    });
  }
}

/**
 * The run that stage N > 1 goes on with when no run id was given: the newest unfinished one, if it is young enough,
 * nothing it depends on has changed, and every stage before N is complete.
 * @throws CANNOT_RESUME with the stage from which to start again.
 */
export function chooseRunToResume(runs: readonly RunRecord[], question: ResumeQuestion): RunRecord {
  const newest = [...runs].sort((a, b) => (a.id < b.id ? 1 : -1)).find((run) => run.state !== 'complete');
  if (newest === undefined) {
    throw cannot(question, 'there is no unfinished run', 'sync-content');
  }
  assertResumable(newest, question);
  return newest;
}

/** The same questions for a run that was named. */
export function assertResumable(run: RunRecord, question: ResumeQuestion): void {
  const { site, stage } = question;
  const age = (question.now.getTime() - Date.parse(run.createdAt)) / 1000;
  if (run.state === 'complete') throw cannot(question, `run ${run.id} is complete`, 'sync-content');
  if (age > site.run.resumeWithinSeconds) {
    throw cannot(question, `run ${run.id} is ${String(Math.round(age / 3600))} hours old`, 'sync-content');
  }
  if (run.configDigest !== site.digest) {
    if (run.configCommit !== undefined && run.configCommit !== question.configCommit) {
      throw new OtherCommitError(run.id, run.configCommit);
    }
    throw cannot(question, `the site file has changed since run ${run.id} began`, 'sync-content');
  }
  if (!sameParameters(run.parameters, question.parameters)) {
    throw cannot(question, `run ${run.id} was started with other parameters`, 'sync-content');
  }
  const order = stagesOf(site.type);
  const missing = firstIncomplete(run, site.type);
  if (missing !== undefined && order.indexOf(missing) < order.indexOf(stage)) {
    throw cannot(question, `stage ${missing} of run ${run.id} is not complete`, missing);
  }
}

const sameParameters = (a: RunRecord['parameters'], b: RunRecord['parameters']): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

function cannot(question: ResumeQuestion, why: string, from: StageName): UnderstudyError {
  return new UnderstudyError('CANNOT_RESUME', `Stage ${question.stage} cannot continue: ${why}.`, {
    next: `Start again from stage ${from}: understudy stage ${from} ${question.site.name}`,
  });
}
