import { shellScript } from '../../commands/command.js';
import { readHostFile } from '../../hosts/host-files.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type ContentEnds } from '../content-ends.js';
import { inventoryFile, type SwapFolders } from './file-swap.js';
import { SETTINGS_IN_CODE } from '../rsync/filters.js';
import {
  findStayingFiles,
  type FoundSettings,
  readSmallFiles,
  type StayingFile,
} from '../settings/find-settings.js';
import { showName } from '../rsync/parse-rsync.js';
import { type SettingsMatcher } from '../settings/settings-matcher.js';
import { listMatching } from '../settings/settings-on-staging.js';

export interface Staying {
  readonly files: readonly StayingFile[];
  /** Files of these names on staging that hold production's secrets, each as `FILE: REASON`. */
  readonly onStaging: readonly string[];
}

/** Reads only. @param spool what the comparison wrote for the search */
export async function findStaying(ends: Omit<ContentEnds, 'job'>, spool: string): Promise<Staying> {
  if (ends.settings === undefined) return { files: [], onStaging: [] };
  const [held, byName] = await Promise.all([
    holdingSecrets(ends, ends.settings, spool),
    missingByName(ends, ends.settings),
  ]);
  return { files: [...held, ...byName], onStaging: await foreignOnStaging(ends, held) };
}

const holdingSecrets = (
  { productionPath, signal, timeoutSeconds, interpreter }: Omit<ContentEnds, 'job'>,
  { host, production }: NonNullable<ContentEnds['settings']>,
  spool: string,
): Promise<readonly FoundSettings[]> =>
  findStayingFiles(
    {
      host,
      root: productionPath,
      matcher: production,
      signal,
      timeoutSeconds,
      interpreter,
    },
    spool,
  );

/** Paths on stdin, each ended by NUL. */
const REMOVE = 'cd -- "$1" && xargs -0 rm -f --';

/**
 * A file that got production's secrets between the search and the copying: production is searched once more, and what is
 * found is removed from where it was copied to.
 * @param target the folder on staging
 * @throws SETTINGS_APPEARED
 */
export async function assertNothingAppeared(
  ends: ContentEnds,
  spool: string,
  without: ReadonlySet<string>,
  target: string,
): Promise<void> {
  if (ends.settings === undefined) return;
  const held = await holdingSecrets(ends, ends.settings, spool);
  const appeared = held.filter(({ path, change }) => change !== 's' && !without.has(path.toString('latin1')));
  if (appeared.length === 0) return;
  await ends.staging.run(shellScript('write', REMOVE, [target]), {
    stdin: Buffer.concat(appeared.flatMap(({ path }) => [Buffer.from('./'), path, Buffer.of(0)])),
    label: "removing production's settings from staging",
  });
  throw new UnderstudyError('SETTINGS_APPEARED', undefined, {
    host: ends.productionLabel,
    details: appeared.map(({ path, reason }) => `${showName(path)} holds ${reason}`),
  });
}

/** Settings by their names that the site needs, that production has and staging has not. */
async function missingByName(
  { productionPath, staging, folders, signal }: Omit<ContentEnds, 'job'>,
  { host, needed }: NonNullable<ContentEnds['settings']>,
): Promise<readonly StayingFile[]> {
  if (needed.length === 0) return [];
  const [there, here] = await Promise.all([
    listMatching(host, productionPath, needed, signal),
    listMatching(staging, folders.live, needed, signal),
  ]);
  // Size 0 and a name alone: the comparison did not count them.
  return there
    .filter((name) => !here.includes(name))
    .map((name) => ({ path: Buffer.from(name, 'latin1'), change: 'n', size: 0 }));
}

/** Staging's own file of such a name holds staging's secrets; with production's, staging works as production. */
async function foreignOnStaging(
  { staging, folders, settings, signal }: Omit<ContentEnds, 'job'>,
  files: readonly StayingFile[],
): Promise<readonly string[]> {
  const own = await readSmallFiles(
    { host: staging, root: folders.live, signal },
    files.map(({ path }) => path),
  );
  return [...own].flatMap(([path, content]) => {
    const reason = settings?.foreign.reasonOf(content);
    return reason === undefined ? [] : [`${showName(Buffer.from(path, 'latin1'))}: ${reason}`];
  });
}

/**
 * What earlier syncs left on production as its settings, in rsync's escaped form.
 * @returns undefined before the first sync
 */
export async function recordedSettings({
  staging,
  folders,
}: Pick<ContentEnds, 'staging' | 'folders'>): Promise<ReadonlySet<string> | undefined> {
  const list = await readHostFile(staging, `${inventoryFile(folders)}.settings`);
  return list === undefined ? undefined : new Set(list.toString('latin1').split('\n').filter(Boolean));
}

/** Inventory and names; prints those that it has. Where it cannot be read, staging's files count as its own. */
const BROUGHT = `inventory=$1; shift
for name do
  if LC_ALL=C grep -qFx -e "$name" -- "$inventory" 2>/dev/null; then printf '%s\\n' "$name"; fi
done`;

/**
 * Which of SETTINGS_IN_CODE are sent: those that staging has not, and those that a sync brought and that hold nothing of
 * staging's. The search still keeps one that holds production's secrets.
 */
export async function travellingSettings(
  staging: ReadingHost,
  folders: SwapFolders,
  matcher: SettingsMatcher,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = await readSmallFiles(
    { host: staging, root: folders.live, signal },
    SETTINGS_IN_CODE.map((path) => Buffer.from(path)),
  );
  if (own.size === 0) return SETTINGS_IN_CODE;
  const { stdout } = await staging.run(
    shellScript('read', BROUGHT, [inventoryFile(folders), ...SETTINGS_IN_CODE]),
    { signal, label: 'looking which settings a sync brought' },
  );
  const brought = stdout.toString('latin1').split('\n');
  return SETTINGS_IN_CODE.filter((path) => {
    const content = own.get(path);
    return content === undefined || (brought.includes(path) && matcher.reasonOf(content) === undefined);
  });
}
