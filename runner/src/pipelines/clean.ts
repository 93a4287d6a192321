import { shellScript } from '../commands/command.js';
import { dropIncomingSchemas } from '../database/restore/incoming-schema.js';
import { isRunId } from '../run/run-id.js';
import { listHostFolder } from '../hosts/host-files.js';
import { listRuns } from '../run/run-store.js';
import { withOwnRunLock } from './run-lock.js';
import { type RunSummary } from './run-sync.js';
import { type Session } from './session.js';

/**
 * `understudy clean`: removes what unfinished runs left: side schema, staged files, dumps, records. What `rollback` needs
 * (former generations, retired files) stays, and so do the records of complete runs.
 */
export async function cleanUp(session: Session): Promise<RunSummary> {
  const removed = await withOwnRunLock(session, async (_lock, own) => {
    const complete = new Set(
      (await listRuns(session.store)).filter(({ state }) => state === 'complete').map(({ id }) => id),
    );
    const staging = await session.hosts.staging();
    const found = (await listHostFolder(staging, `${session.site.staging.workDir}/runs`)).filter(isRunId);
    const dead = found.filter((id) => !complete.has(id) && id !== own.id);
    const live = (await session.database.staging()).name;
    await dropIncomingSchemas(session, live).catch((error: unknown) => {
      // In replace mode the account may not even try; there is no side schema then.
      session.console.line(`   side schema: ${error instanceof Error ? error.message : String(error)}`);
    });
    for (const id of dead) {
      await staging.run(shellScript('write', 'rm -rf -- "$1/runs/$2"', [session.site.staging.workDir, id]), {
        timeoutSeconds: 600,
      });
      await removeOwnBackups(session, id);
    }
    return dead;
  });
  const summary = `Removed what ${String(removed.length)} unfinished runs had left.`;
  session.console.line(summary);
  return { run: '', summary };
}

/** On production the one thing that a sync may remove: its own folder of that run. */
async function removeOwnBackups(session: Session, id: string): Promise<void> {
  const hosts = new Set([
    await session.hosts.productionApplication(),
    await session.hosts.productionDatabase(),
  ]);
  for (const host of hosts) {
    const folder = `${host.workDir}/${id}`;
    await host.run(shellScript('remove-own-backup', 'rm -rf -- "$1"', [folder], folder), {
      timeoutSeconds: 600,
    });
  }
}
