import { findMaintenance } from '../maintenance/maintenance-store.js';
import { listRuns } from '../run/run-store.js';
import { inCharge } from './in-charge.js';
import { asProductionSession } from './promotion-context.js';
import { endPromotion } from './promotion-rollback.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';

/** `understudy recover`: ends a change of staging, or of production's code, that was cut off. */
export async function recoverNow(session: Session): Promise<RunSummary> {
  return inCharge(session, async ({ recovery }) => {
    const staging =
      recovery === 'nothing'
        ? 'There is nothing to recover; staging is whole.'
        : `Staging serves the ${recovery} generation, whole.`;
    session.console.line(staging);
    if (!(await wasEverApproved(session))) return { run: '', summary: staging };
    const production = await endPromotion(asProductionSession(session));
    return { run: '', summary: `${staging} ${production.summary}` };
  });
}

/** Production is not connected to where no promotion was ever approved. */
async function wasEverApproved(session: Session): Promise<boolean> {
  if (session.site.maintenance === undefined) return false;
  for (const { id } of await listRuns(session.store))
    if ((await findMaintenance(session, id))?.record().approval !== undefined) return true;
  return false;
}
