import { type Site } from '../../config/site.js';
import { type Finding } from '../../errors/index.js';
import { pathFilter } from '../rsync/path-filter.js';
import { contentFilters } from '../rsync/filters.js';
import { showName } from '../rsync/parse-rsync.js';

/**
 * Files that a sync would stumble over halfway, from the records that the scripts of scripts/check-staging.ts print
 * behind their first NUL. What the rules never send or delete is no trouble. Pure.
 */
export function hardFiles(output: Buffer, root: string, host: string, site: Site): readonly Finding[] {
  const isSent = pathFilter(contentFilters(site));
  const records = output
    .toString('latin1')
    .split('\0')
    // The last one ended with NUL, or was cut off.
    .slice(1, -1)
    .map((record) => Buffer.from(record, 'latin1'))
    .filter((record) => {
      const path = record.toString().replace(/^\w+ (?:\.\/)?/, '');
      // Rules for folders alone look at what lies in one.
      return isSent(path) && isSent(`${path}/x`);
    });
  const named = (kind: string): readonly Buffer[] =>
    records
      .filter((record) => record.toString('latin1').startsWith(`${kind} `))
      .map((record) => record.subarray(kind.length + 1));
  return [
    ...unreadable(named('unreadable'), root, host),
    ...sealed(named('sealed'), root, host),
    ...odd(named('odd'), root, host),
  ];
}

const unreadable = (paths: readonly Buffer[], root: string, host: string): readonly Finding[] =>
  paths.length === 0
    ? []
    : [
        {
          severity: 'error',
          code: 'CONTENT_FILES_UNREADABLE',
          message: `The account cannot read ${list(paths, root)}.`,
          host,
          next: 'Make them readable for the production account, or name them in content.exclude.',
        },
      ];

const sealed = (paths: readonly Buffer[], root: string, host: string): readonly Finding[] =>
  paths.length === 0
    ? []
    : [
        {
          severity: 'error',
          code: 'STAGING_NOT_WRITABLE',
          message: `The attributes i or a (chattr) prevent replacing or removing ${list(paths, root)}.`,
          host,
          next: 'chattr -i -a them as root, or name them in content.keepOnStaging.',
        },
      ];

/** rsync sends names as bytes; only a filesystem may refuse them. */
function odd(paths: readonly Buffer[], root: string, host: string): readonly Finding[] {
  const notUtf8 = paths.filter((path) => !Buffer.from(path.toString(), 'utf8').equals(path));
  if (notUtf8.length === 0) return [];
  return [
    {
      severity: 'info',
      code: 'CONTENT_ODD_NAMES',
      message: `Names that are not UTF-8 are copied byte for byte: ${list(notUtf8, root)}.`,
      host,
    },
  ];
}

/** At most five. */
function list(paths: readonly Buffer[], root: string): string {
  const shown = paths.slice(0, 5).map((path) => showName(path).replace(/^\./, root));
  return `${shown.join(', ')}${paths.length > 5 ? `, … (${String(paths.length)})` : ''}`;
}
