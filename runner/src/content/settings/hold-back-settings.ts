import { shellScript } from '../../commands/command.js';
import { type Finding, several, UnderstudyError } from '../../errors/index.js';
import { type ChangeList } from '../rsync/change-list.js';
import { type ContentEnds, type ContentWatch } from '../content-ends.js';
import { runFolder } from '../swap/file-swap.js';
import { type StayingFile } from './find-settings.js';
import { encodeName, showName } from '../rsync/parse-rsync.js';
import { findStaying, recordedSettings } from '../swap/staying-files.js';

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
  const { files, onStaging } = await findStaying(ends, spool);
  if (files.length === 0) return new Set();
  if (onStaging.length > 0)
    throw new UnderstudyError(
      'STAGING_HAS_PRODUCTION_SETTINGS',
      `Files in ${ends.folders.live} hold secrets of production, so staging works as production.`,
      { host: ends.staging.label, details: onStaging },
    );
  changes.leaveOut(files);
  const recorded = await recordedSettings(ends);
  await recordStaying(ends, files);
  stayingFindings(files, recorded ?? new Set(), ends.productionLabel).forEach((finding) => {
    watch.warn(finding);
  });
  return new Set(files.map(({ path }) => path.toString('latin1')));
}

async function recordStaying({ staging, folders, signal }: ContentEnds, files: readonly StayingFile[]) {
  const script = 'set -eu; LC_ALL=C; export LC_ALL; umask 077; sort -u > "$1"';
  await staging.run(shellScript('write', script, [`${runFolder(folders)}/content/settings.list`]), {
    stdin: files.map(({ path }) => `${encodeName(path)}\n`).join(''),
    signal,
    label: "noting which files stay as production's settings",
  });
}

/** News in full; what an earlier sync reported as one short note. */
function stayingFindings(
  files: readonly StayingFile[],
  recorded: ReadonlySet<string>,
  host: string,
): readonly Finding[] {
  const finding = (list: readonly StayingFile[], severity: 'info' | 'warning', end: string): Finding[] =>
    list.length === 0 ? [] : [{ severity, code: 'SETTINGS_STAY', message: `${named(list)} ${end}`, host }];
  const news = files.filter(({ path }) => !recorded.has(encodeName(path)));
  if (news.length === 0) {
    const message = `As before, ${several(files.length, 'file stays', 'files stay')} on production as its settings.`;
    return [{ severity: 'info', code: 'SETTINGS_STAY', message, host }];
  }
  return [
    ...finding(
      news.filter(({ change }) => change !== 'n'),
      'info',
      'stay on production as its settings; staging keeps its own.',
    ),
    ...finding(
      news.filter(({ change }) => change === 'n'),
      'warning',
      'stay on production as its settings; staging has no file of its own there.',
    ),
  ];
}

const MOST_NAMES = 10;
const named = (files: readonly StayingFile[]): string =>
  files.slice(0, MOST_NAMES).map(stayingLine).join(', ') +
  (files.length > MOST_NAMES ? ` and ${several(files.length - MOST_NAMES, 'more file')}` : '');

export const stayingLine = ({ path, reason }: StayingFile): string =>
  `${showName(path)} (${reason === undefined ? 'settings by its name' : `holds ${reason}`})`;
