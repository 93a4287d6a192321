import { readCommand } from '../../commands/command.js';
import { dockerExecWords } from '../../commands/docker.js';
import { broughtFiles } from '../../content/swap/brought-files.js';
import { swapFolders } from '../../content/swap/open-file-swap.js';
import { unsentFolders } from '../../content/rsync/filters.js';
import { searchStagingTree } from '../../content/settings/search-staging.js';
import { settingsOnStaging } from '../../content/settings/settings-on-staging.js';
import { type SettingsMatcher } from '../../content/settings/settings-matcher.js';
import { type Finding, UnderstudyError } from '../../errors/index.js';
import { sideMatchers } from '../staging/side-secrets.js';
import { type StageContext } from '../stage.js';

/**
 * No program can read the settings of a site that is not WordPress as its code does. So they are looked at as text: no file of
 * staging may hold what is production's alone, and one at least at the usual places has to hold staging's own account and
 * database.
 */
interface PlainSettings {
  readonly foreign: readonly { readonly path: string; readonly reason: string }[];
  /** Where staging's own stand; empty: nobody knows what staging works with. */
  readonly own: readonly string[];
  /** Such settings are there, but production's would look the same. */
  readonly sharesSecrets: boolean;
  /** Files that could not be looked at. */
  readonly closed: readonly string[];
}

async function readPlainSettings(context: StageContext): Promise<PlainSettings> {
  const { site, run, hosts, signal } = context;
  const staging = await hosts.staging();
  const matchers = await sideMatchers(context);
  const [places, tree, environment] = await Promise.all([
    settingsOnStaging({
      staging,
      folders: swapFolders(context, run.id),
      signal,
      more: [...site.staging.settings, ...site.content.keepOnStaging.map((path) => path.replace(/^\//, ''))],
    }),
    searchStagingTree({
      staging,
      root: site.staging.path,
      without: unsentFolders(site),
      foreign: matchers.foreign,
      signal,
      timeoutSeconds: site.run.stageTimeoutSeconds,
    }),
    containerEnvironment(context),
  ]);
  const settings = [...places, ...environment].map(([path, content]) => [shownPath(path), content] as const);
  const holding = (matcher: SettingsMatcher): string[] =>
    settings.filter(([, content]) => matcher.reasonOf(content) !== undefined).map(([path]) => path);
  const foreign = new Map<string, string>([
    ...settings.flatMap(([path, content]) => {
      const reason = matchers.foreign.reasonOf(content);
      return reason === undefined ? [] : [[path, reason] as const];
    }),
    ...tree.foreign.map(({ path, reason }) => [shownPath(path.toString('latin1')), reason] as const),
  ]);
  const own = holding(matchers.own);
  return {
    foreign: [...foreign].map(([path, reason]) => ({ path, reason })),
    own,
    sharesSecrets: own.length === 0 && holding(matchers.staging).length > 0,
    closed: tree.closed.filter((path) => !SESSIONS.test(path)),
  };
}

const shownPath = (latin1: string): string => Buffer.from(latin1, 'latin1').toString().replace(/^\.\//, '');

/** PHP makes them readable for itself alone, and reads no settings from them. */
const SESSIONS = /(?:^|\/)sess/;

/** In containers settings are variables of the environment as a rule. */
async function containerEnvironment({ site, hosts }: StageContext): Promise<[string, Buffer][]> {
  const { container } = site.staging;
  if (container === undefined) return [];
  const { stdout } = await (
    await hosts.staging()
  ).run(readCommand(...dockerExecWords(container, ['printenv'])), {
    allowedExitCodes: 'any',
    label: `read the environment of the container ${container}`,
  });
  return [[`the environment of the container ${container}`, stdout]];
}

const DECLARE =
  'Name the file in which staging has its settings: staging.settings: [ path/to/file ] in the site file.';

/** Before anything is changed. Reads only. */
export async function plainSettingsFindings(context: StageContext): Promise<readonly Finding[]> {
  const settings = await readPlainSettings(context);
  const host = (await context.hosts.staging()).label;
  const { foreign } = settings;
  if (foreign.length > 0)
    return foreign.map(({ path, reason }) => ({
      severity: 'error',
      code: 'STAGING_HAS_PRODUCTION_SETTINGS',
      message: `${path} on staging holds ${reason} of production, so staging works as production.`,
      host,
    }));
  return doubts(settings).map(({ message, next }) => ({
    severity: 'warning',
    code: 'STAGING_UNPROVEN',
    message: `${message} So the sync cannot prove what staging works with, and will not end with exit code 0.`,
    host,
    next,
  }));
}

interface Doubt {
  readonly message: string;
  readonly next: string;
}

/** Why it is not proven that staging works with its own database. */
function doubts({ own, sharesSecrets, closed }: PlainSettings): readonly Doubt[] {
  const unread =
    closed.slice(0, 5).join(', ') + (closed.length > 5 ? ` and ${String(closed.length - 5)} more` : '');
  return [
    ...(sharesSecrets
      ? [
          {
            message:
              "Both sides' databases have the same name, user and password, so settings of production look like staging's own.",
            next: "Give staging's database a user or a password of its own.",
          },
        ]
      : []),
    ...(own.length === 0 && !sharesSecrets
      ? [{ message: "No settings file of staging holds staging's own database.", next: DECLARE }]
      : []),
    ...(closed.length === 0
      ? []
      : [
          {
            message: `The account on staging may not read ${unread}, so settings of production could be there.`,
            next: 'Let the account read them (a group that it belongs to, or an ACL), or delete what can be regenerated.',
          },
        ]),
  ];
}

/** After the cutover. @returns what is not proven @throws SETTINGS_CHANGED when staging has production's secrets */
export async function verifyPlainSettings(context: StageContext): Promise<UnderstudyError | undefined> {
  const { site, run, hosts, reporter } = context;
  reporter.step("Reading staging's settings again");
  const settings = await readPlainSettings(context);
  const { foreign } = settings;
  if (foreign.length > 0) {
    const paths = foreign.map(({ path }) => path);
    const brought = await broughtFiles(await hosts.staging(), swapFolders(context, run.id), paths);
    throw new UnderstudyError(
      'SETTINGS_CHANGED',
      "With the new files, staging would use production's settings.",
      {
        details: foreign.map(
          ({ path, reason }) =>
            `${path} holds ${reason} of production${brought.includes(path) ? '; this sync brought it' : ''}`,
        ),
      },
    );
  }
  const [doubt, ...more] = doubts(settings);
  if (doubt === undefined) return undefined;
  return new UnderstudyError('STAGING_UNPROVEN', `The copy of ${site.name} is in place. ${doubt.message}`, {
    details: more.map(({ message, next }) => `${message} ${next}`),
    next: `${doubt.next} Or go back: understudy rollback ${site.name}`,
  });
}
