import { shellScript } from '../../commands/command.js';
import { type Generation, listGenerations } from '../../cutover/journal/generations.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { dropIncomingSchemas } from '../../database/restore/import-schema.js';
import { reporterOf } from '../../report/events/reporter.js';
import { listRunFolders } from '../../run/run-store.js';
import { cutoverContext } from '../session/run-lock.js';
import { type Session } from '../session/session.js';
import { messageOf } from '../../errors/index.js';

/**
 * $1 work folder. Files that a killed process was writing, and option files of a killed import outside of it. With the
 * lock held nobody writes in the work folder; another site's import may be at work, so its file has a day.
 */
const REMOVE_TEMPORARY = String.raw`
find "$1" -maxdepth 3 -type f \( -name '*.tmp.[0-9]*' -o -path "$1/lock/*.new" -o -name 'lock.number.new' \) -exec rm -f -- {} + 2>/dev/null
for place in /tmp /dev/shm; do
  find "$place" -maxdepth 1 -type f -user "$(id -u)" -name '.understudy-import.*' -mmin +1440 -exec rm -f -- {} + 2>/dev/null
done
:`;

/** $1 work folder, then runs whose files wait for nothing. What they left is empty, or was never put in place. */
const REMOVE_INCOMING = String.raw`runs=$1/runs; shift
for id do
  [ -d "$runs/$id/incoming" ] || continue
  find "$runs/$id/incoming" -type d ! -perm -0700 -exec chmod u+rwx {} + 2>/dev/null
  rm -rf -- "$runs/$id/incoming"
done
:`;

/** What lies in the work folder of staging. */
export interface RunsAndGenerations {
  readonly runs: Awaited<ReturnType<typeof listRunFolders>>;
  readonly generations: readonly Generation[];
}

export async function listRunsAndGenerations(session: Session, own: string): Promise<RunsAndGenerations> {
  const [runs, generations] = await inOneGo([
    listRunFolders(session.store),
    listGenerations(contextOf(session, own)),
  ]);
  return { runs, generations };
}

const contextOf = (session: Session, own: string) =>
  cutoverContext(session, { id: own, stagingFolder: `${session.site.staging.workDir}/runs/${own}` });

/**
 * Removes what runs left that did not come to their end: incoming schemas, staged files, backups on both sides, records,
 * temporary files. What `rollback` needs stays, and so do complete runs. With the lock held.
 * @param own the run that is under way, which begins only now
 * @param taken as it was found with the lock held, where nothing has changed since
 * @returns ids of the runs whose folders were removed
 */
export async function removeDeadRuns(
  session: Session,
  own: string,
  taken?: RunsAndGenerations,
): Promise<readonly string[]> {
  const { workDir } = session.site.staging;
  const staging = await session.hosts.staging();
  const reporter = reporterOf(session);
  const { runs, generations } = taken ?? (await listRunsAndGenerations(session, own));
  const needed = new Set([
    own,
    ...runs.runs.filter(({ state }) => state === 'complete').map(({ id }) => id),
    // Files of a generation that was rolled back wait in its run's folder.
    ...generations.flatMap(({ files }) => (files === undefined ? [] : [files.run])),
  ]);
  const dead = runs.ids.filter((id) => !needed.has(id));
  const live = (await session.database.staging()).name;
  const waiting = new Set([
    own,
    ...dead,
    ...generations.flatMap(({ files }) => (files?.direction === 'apply' ? [files.run] : [])),
  ]);
  const done = runs.ids.filter((id) => !waiting.has(id));
  await inOneGo<unknown[]>([
    dropIncomingSchemas(session, live).catch((error: unknown) => {
      // In replace mode the account may not even try; there is no incoming schema then.
      reporter.step(`incoming schema: ${messageOf(error)}`);
    }),
    staging.run(shellScript('write', REMOVE_TEMPORARY, [workDir]), {
      label: 'remove temporary files',
    }),
    staging.run(shellScript('write', REMOVE_INCOMING, [workDir, ...done]), {
      label: 'remove folders of files that are in place',
    }),
  ]);
  for (const id of dead) {
    await staging.run(shellScript('write', 'rm -rf -- "$1/runs/$2"', [workDir, id]), {
      timeoutSeconds: 600,
      label: `remove what run ${id} left`,
    });
    await removeOwnBackups(session, id);
  }
  return dead;
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
