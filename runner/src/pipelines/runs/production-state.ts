import { UnderstudyError } from '../../errors/index.js';
import { describeJournal } from '../../maintenance/promote/operation/journal.js';
import { lastOperation } from '../../maintenance/promote/operation/open-operation.js';
import { type StagingView } from '../session/staging-view.js';

/** What production's own journal says of its last promotion or rollback, in one sentence. */
export interface ProductionState {
  /** `unknown`: it could not be asked. */
  readonly state: 'ended' | 'open' | 'unknown';
  readonly text: string;
}

/** @returns undefined where there was none */
export async function productionState({
  hosts,
  site,
}: Pick<StagingView, 'hosts' | 'site'>): Promise<ProductionState | undefined> {
  try {
    const last = await lastOperation(await hosts.productionApplication(), site);
    if (last === undefined) return undefined;
    return last.phase === 'ended'
      ? { state: 'ended', text: `Production serves the ${last.goal} code of run ${last.run}.` }
      : {
          state: 'open',
          text: `Production: the ${describeJournal(last)} has not ended: understudy promote ${site.name} --recover.`,
        };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code === 'INTERRUPTED') throw error;
    return {
      state: 'unknown',
      text: `Production could not be asked about its last promotion: ${error.message}`,
    };
  }
}
