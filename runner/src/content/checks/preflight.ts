import { shellScript } from '../../commands/command.js';
import { OLDEST_RSYNC, rsyncVersion } from '../../commands/rsync.js';
import { type Site } from '../../config/site.js';
import { type ErrorCode, type Finding } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';
import { unsentFolders, contentFilters } from '../rsync/filters.js';
import { CHECK_PRODUCTION, CHECK_STAGING } from '../../commands/scripts/content/check-staging.js';
import { pathFilter } from '../rsync/path-filter.js';
import { showName } from '../rsync/parse-rsync.js';

const SCAN_SECONDS = 900;

/** Everything that would stop the sync of files, or that a person should know before. Reads only. */
export async function contentFindings(
  site: Site,
  production: ReadingHost,
  staging: ReadingHost,
  layouts: readonly SiteLayout[],
): Promise<readonly Finding[]> {
  const media = unsentFolders({ ...site, layouts }).map((path) => path.replace(/^\/+|\/+$/g, ''));
  const scan = { timeoutSeconds: SCAN_SECONDS, label: 'looking at the folders of the site' };
  const [rsyncs, onProduction, onStaging] = await Promise.all([
    Promise.all([production, staging].map(checkRsync)),
    production.run(shellScript('read', CHECK_PRODUCTION, [site.production.path, ...media]), scan),
    staging.run(
      shellScript('read', CHECK_STAGING, [site.staging.path, site.staging.workDir, ...media]),
      scan,
    ),
  ]);
  // Behind the first NUL stand names, which may hold what looks like a line of Understudy.
  const lines = ({ stdout }: { readonly stdout: Buffer }) => stdout.toString().split('\0', 1)[0] ?? '';
  return [
    ...rsyncs.flat(),
    ...judgeTree(lines(onProduction), site.production.path, production.label, site),
    ...judgeTree(lines(onStaging), site.staging.path, staging.label, site),
    ...judgeStaging(lines(onStaging), staging.label, site),
    ...hardFiles(onProduction.stdout, site.production.path, production.label, site),
    ...hardFiles(onStaging.stdout, site.staging.path, staging.label, site),
  ];
}

async function checkRsync(host: ReadingHost): Promise<readonly Finding[]> {
  const { code, stdout } = await host.run(rsyncVersion(), { allowedExitCodes: 'any' });
  const problem = code === 0 ? rsyncProblem(stdout.toString()) : 'rsync was not found';
  return problem === undefined
    ? []
    : [{ severity: 'error', code: 'RSYNC_UNSUITABLE', message: `${problem}.`, host: host.label }];
}

/** @returns what is wrong with the rsync that printed this, without a full stop; undefined: it will do */
export function rsyncProblem(output: string): string | undefined {
  if (output.startsWith('openrsync')) return 'openrsync knows too few options; rsync itself is needed';
  const version = /^rsync\s+version v?(\d+)\.(\d+)\.(\d+)/.exec(output);
  if (!version) return 'The version of rsync cannot be read';
  const [major = 0, minor = 0] = version.slice(1).map(Number);
  return major > 3 || (major === 3 && minor >= 1)
    ? undefined
    : `rsync ${version.slice(1).join('.')} is older than ${OLDEST_RSYNC}`;
}

const values = (text: string, name: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));

function judgeTree(text: string, path: string, host: string, site: Site): readonly Finding[] {
  if (/^missing$/m.test(text))
    return [
      {
        severity: 'error',
        code: 'CONTENT_FOLDER_MISSING',
        message: `${path} is no folder that the account can enter.`,
        host,
      },
    ];
  const found = values(text, 'vcs').toSorted();
  if (found.length === 0) return [];
  const severity = site.content.strict ? 'error' : 'warning';
  const message = `The site contains version control: ${named(found, path)}. It is never copied.`;
  return [{ severity, code: 'VERSION_CONTROL_FOUND', message, host }];
}

function judgeStaging(text: string, host: string, site: Site): readonly Finding[] {
  if (/^missing$/m.test(text)) return [];
  const findings: Finding[] = [];
  const [live = '', work = ''] = [values(text, 'live')[0], values(text, 'work')[0]];
  const [liveDevice, workDevice] = (values(text, 'device')[0] ?? '').split(' ');
  const error = (code: ErrorCode, message: string): void => {
    findings.push({ severity: 'error', code, message, host });
  };
  if (work === live || work.startsWith(`${live}/`))
    error('WORK_FOLDER_UNSUITABLE', `staging.workDir (${work}) is inside the site (${live}).`);
  else if ((liveDevice !== workDevice || /^mounts differ$/m.test(text)) && site.content.apply === 'staged')
    error(
      'WORK_FOLDER_UNSUITABLE',
      `staging.workDir (${work}) and staging.path (${live}) are on different filesystems, so files cannot be put in place by renaming.`,
    );
  const closed = values(text, 'closed');
  if (closed.length > 0)
    error('STAGING_NOT_WRITABLE', `The account may not write in ${named(closed, site.staging.path)}.`);
  const [free, inodes] = [Number(values(text, 'free')[0]), Number(values(text, 'inodes')[0])];
  if (free < 64 * 1024)
    error('CONTENT_DISK_FULL', `Only ${String(Math.floor(free / 1024))} MiB are free on staging.`);
  // 0 is what filesystems without a fixed number of inodes say.
  if (inodes > 0 && inodes < 1000)
    error('CONTENT_DISK_FULL', `Only ${String(inodes)} inodes are free on staging.`);
  return findings;
}

const named = (paths: readonly string[], root: string): string =>
  `${paths
    .slice(0, 5)
    .map((path) => path.replace(/^\./, root))
    .join(
      ', ',
    )}${paths.length > 5 ? `, … (${String(paths.length)}${paths.length === 20 ? ' or more' : ''})` : ''}`;

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
