import { readCommand } from '../commands/command.js';
import { dockerExecWords } from '../commands/docker.js';
import { broughtFiles } from '../content/brought-files.js';
import { swapFolders } from '../content/open-file-swap.js';
import { settingsOnStaging } from '../content/settings-on-staging.js';
import { type Finding, UnderstudyError } from '../errors/index.js';
import { type SideMatchers, sideMatchers } from './side-secrets.js';
import { type StageContext } from './stage.js';

/**
 * No program can read the settings of a site that is not WordPress as its code does. So they are looked at as text: none may
 * hold what is production's alone, and one at least has to hold staging's own account and database.
 */
interface PlainSettings {
  /** Each as `FILE holds …`. */
  readonly foreign: readonly { readonly path: string; readonly reason: string }[];
  /** Where staging's own stand; empty: nobody knows what staging works with. */
  readonly own: readonly string[];
}

async function readPlainSettings(context: StageContext): Promise<PlainSettings> {
  const { site, run, hosts, signal } = context;
  const staging = await hosts.staging();
  const [files, matchers] = await Promise.all([
    settingsOnStaging({
      staging,
      folders: swapFolders(context, run.id),
      signal,
      more: [...site.staging.settings, ...site.content.keepOnStaging.map((path) => path.replace(/^\//, ''))],
    }),
    sideMatchers(context),
  ]);
  return judge([...files, ...(await containerEnvironment(context))], matchers);
}

function judge(files: readonly (readonly [string, Buffer])[], matchers: SideMatchers): PlainSettings {
  const path = (name: string): string => Buffer.from(name, 'latin1').toString().replace(/^\.\//, '');
  return {
    foreign: files.flatMap(([name, content]) => {
      const reason = matchers.foreign.reasonOf(content);
      return reason === undefined ? [] : [{ path: path(name), reason }];
    }),
    own: files
      .filter(([, content]) => matchers.staging.reasonOf(content) !== undefined)
      .map(([name]) => path(name)),
  };
}

/** In containers settings are variables of the environment as a rule. */
async function containerEnvironment({ site, hosts }: StageContext): Promise<[string, Buffer][]> {
  const { container } = site.staging;
  if (container === undefined) return [];
  const { stdout } = await (
    await hosts.staging()
  ).run(readCommand(...dockerExecWords(container, ['printenv'])), {
    okCodes: 'any',
    describe: `read the environment of the container ${container}`,
  });
  return [[`the environment of the container ${container}`, stdout]];
}

const DECLARE =
  'Name the file in which staging has its settings: staging.settings: [ path/to/file ] in the site file.';

/** Before anything is changed. Reads only. */
export async function plainSettingsFindings(context: StageContext): Promise<readonly Finding[]> {
  const { foreign, own } = await readPlainSettings(context);
  const host = (await context.hosts.staging()).label;
  if (foreign.length > 0)
    return foreign.map(({ path, reason }) => ({
      severity: 'error',
      code: 'STAGING_HAS_PRODUCTION_SETTINGS',
      message: `${path} on staging holds ${reason} of production, so staging works as production.`,
      host,
    }));
  if (own.length > 0) return [];
  return [
    {
      severity: 'warning',
      code: 'STAGING_UNPROVEN',
      message: `No settings file of staging holds ${context.site.name}'s staging database, so the sync cannot prove what staging works with, and will not end with exit code 0.`,
      host,
      next: DECLARE,
    },
  ];
}

/**
 * After the cutover.
 * @returns what could not be proven; the copy stays
 * @throws SETTINGS_CHANGED when staging has production's secrets now
 */
export async function verifyPlainSettings(context: StageContext): Promise<UnderstudyError | undefined> {
  const { site, run, hosts, reporter } = context;
  reporter.step("Reading staging's settings again");
  const { foreign, own } = await readPlainSettings(context);
  if (foreign.length > 0) {
    const paths = foreign.map(({ path }) => path);
    const brought = await broughtFiles(await hosts.staging(), swapFolders(context, run.id), paths);
    throw new UnderstudyError('SETTINGS_CHANGED', 'With the new files staging would work as production.', {
      details: foreign.map(
        ({ path, reason }) =>
          `${path} holds ${reason} of production${brought.includes(path) ? '; this sync brought it' : ''}`,
      ),
    });
  }
  if (own.length > 0) return undefined;
  return new UnderstudyError(
    'STAGING_UNPROVEN',
    `The copy of ${site.name} is in place, but no settings file of staging holds its own database.`,
    { next: `${DECLARE} Or go back: understudy rollback ${site.name}` },
  );
}
