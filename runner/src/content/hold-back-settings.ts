import { shellScript } from '../commands/command.js';
import { type Finding, UnderstudyError } from '../errors/index.js';
import { type ChangeList } from './change-list.js';
import { type ContentEnds, type ContentWatch } from './content-ends.js';
import { runFolder } from './file-swap.js';
import { findStayingFiles, readSmallFiles, type StayingFile } from './find-settings.js';
import { encodeName, showName } from './parse-rsync.js';

/**
 * Finds the files that hold production's secrets among those that would be sent, and keeps them where they are: they are
 * not sent, and no later sync takes staging's own of that name for one that it brought.
 * @param spool what the comparison wrote for the search
 * @returns the paths that are not sent, bytes as latin1
 * @throws STAGING_HAS_PRODUCTION_SETTINGS when staging has such a file with the same secrets
 */
export async function holdBackSettings(
  ends: ContentEnds,
  watch: ContentWatch,
  spool: string,
  changes: ChangeList,
): Promise<ReadonlySet<string>> {
  if (ends.settings === undefined) return new Set();
  const { host, production } = ends.settings;
  const files = await findStayingFiles(
    {
      host,
      root: ends.productionPath,
      matcher: production,
      signal: ends.signal,
      timeoutSeconds: ends.timeoutSeconds,
      ...(ends.interpreter === undefined ? {} : { interpreter: ends.interpreter }),
    },
    spool,
  );
  if (files.length === 0) return new Set();
  await refuseOnStaging(ends, files);
  changes.leaveOut(files);
  await recordStaying(ends, files);
  stayingFindings(files, ends.productionLabel).forEach((finding) => {
    watch.warn(finding);
  });
  return new Set(files.map(({ path }) => path.toString('latin1')));
}

async function recordStaying({ staging, folders, signal }: ContentEnds, files: readonly StayingFile[]) {
  const script = 'set -eu; LC_ALL=C; export LC_ALL; umask 077; sort -u > "$1"';
  await staging.run(shellScript('write', script, [`${runFolder(folders)}/content/settings.list`]), {
    stdin: files.map(({ path }) => `${encodeName(path)}\n`).join(''),
    signal,
    describe: "noting which files stay as production's settings",
  });
}

/** Staging's own file of such a name holds staging's secrets; with production's, staging works as production. */
async function refuseOnStaging(ends: ContentEnds, files: readonly StayingFile[]): Promise<void> {
  const { staging, folders, settings } = ends;
  const own = await readSmallFiles(
    { host: staging, root: folders.live, signal: ends.signal },
    files.map(({ path }) => path),
  );
  const foreign = [...own].flatMap(([path, content]) => {
    const reason = settings?.foreign.reasonOf(content);
    return reason === undefined ? [] : [`${showName(Buffer.from(path, 'latin1'))}: ${reason}`];
  });
  if (foreign.length === 0) return;
  throw new UnderstudyError(
    'STAGING_HAS_PRODUCTION_SETTINGS',
    `Files in ${folders.live} hold secrets of production, so staging works as production.`,
    { host: staging.label, details: foreign },
  );
}

function stayingFindings(files: readonly StayingFile[], host: string): readonly Finding[] {
  const finding = (list: readonly StayingFile[], severity: 'info' | 'warning', end: string): Finding[] =>
    list.length === 0 ? [] : [{ severity, code: 'SETTINGS_STAY', message: `${named(list)} ${end}`, host }];
  return [
    ...finding(
      files.filter(({ change }) => change !== 'n'),
      'info',
      'stay on production as its settings; staging keeps its own.',
    ),
    ...finding(
      files.filter(({ change }) => change === 'n'),
      'warning',
      'stay on production as its settings; staging has no file of its own there.',
    ),
  ];
}

const MOST_NAMES = 10;
const named = (files: readonly StayingFile[]): string =>
  files
    .slice(0, MOST_NAMES)
    .map(({ path, reason }) => `${showName(path)} (holds ${reason})`)
    .join(', ') + (files.length > MOST_NAMES ? ` and ${String(files.length - MOST_NAMES)} more files` : '');
