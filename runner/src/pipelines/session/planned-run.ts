import { UnderstudyError } from '../../errors/index.js';
import { type RunHandle, type RunRecord } from '../../run/run-record.js';
import { type Session } from './session.js';

/** A run that exists in memory only, for preflight and plan. */
export function plannedRun(session: Session, id: string): RunHandle {
  let record: RunRecord = {
    version: 1,
    id,
    site: session.site.name,
    createdAt: new Date().toISOString(),
    configDigest: session.site.digest,
    parameters: {},
    state: 'running',
    stages: {},
  };
  return {
    id,
    stagingFolder: `${session.store.stagingWorkDir}/runs/${id}`,
    record: () => record,
    outputs: (stage) => {
      throw new UnderstudyError('STAGE_OUT_OF_ORDER', `Stage ${stage} has not run.`);
    },
    update: (change) => {
      record = change(record);
      return Promise.resolve();
    },
    updateMeanwhile: (change) => void (record = change(record)),
    durable: () => Promise.resolve(),
  };
}
