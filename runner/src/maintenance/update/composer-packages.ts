import { posix } from 'node:path';
import { type Composer, composerOutdated, isPackageName } from '../../commands/composer.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { readHostFile } from '../../hosts/host-files.js';
import { type UpdateRules } from '../../config/sections.js';
import { type UpdateContext } from './update-context.js';
import { decideCore, decideItem, type Decision } from './policy.js';

interface ComposerPackage {
  readonly name: string;
  readonly version: string;
  /** `wordpress-plugin`, `wordpress-theme`, `wordpress-core`, `library` … */
  readonly type: string;
  /** Name of its folder: the slug of a plugin or theme. */
  readonly folder: string;
}

export interface ComposerProject {
  /** By package name: what vendor/composer/installed.json says, which Composer writes after the files. */
  readonly installed: ReadonlyMap<string, ComposerPackage>;
  /** By package name: the version in composer.lock. */
  readonly locked: ReadonlyMap<string, string>;
  readonly dev: boolean;
}

/** Both files grow with the packages; a thousand of them make some megabytes. */
const LARGEST = 32_000_000;

/** @returns undefined where Composer does not manage the folder */
export async function readComposerProject(
  host: ReadingHost,
  root: string,
): Promise<ComposerProject | undefined> {
  const [lock, installed] = await Promise.all([
    readJson(host, `${root}/composer.lock`),
    readJson(host, `${root}/vendor/composer/installed.json`),
  ]);
  if (lock === undefined) return undefined;
  const packages = rows(installed?.['packages']).map((row): ComposerPackage => {
    const name = text(row['name']);
    return {
      name,
      version: text(row['version']),
      type: text(row['type']),
      folder: posix.basename(text(row['install-path']) || name),
    };
  });
  const locked = [...rows(lock['packages']), ...rows(lock['packages-dev'])];
  return {
    installed: new Map(packages.map((one) => [one.name, one])),
    locked: new Map(locked.map((row) => [text(row['name']), text(row['version'])])),
    dev: installed?.['dev'] === true,
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 500) : '');
const rows = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value)
    ? value.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
    : [];

async function readJson(
  host: ReadingHost,
  file: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const refuse = (why: string): never => {
    throw new UnderstudyError('COMPOSER_UNUSABLE', `${file} cannot be used: ${why}.`, { host: host.label });
  };
  const bytes = await readHostFile(host, file, { refuse, maxBytes: LARGEST });
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below, without the text of the file.
  }
  return refuse('it is not JSON');
}

/** The version of a package by composer.lock and by what is installed, which must agree; '' where they do not. */
export async function packageVersion(host: ReadingHost, root: string, name: string): Promise<string> {
  const project = await readComposerProject(host, root);
  const installed = project?.installed.get(name)?.version ?? '';
  return installed === project?.locked.get(name) ? installed : '';
}

/**
 * Which packages that composer.json asks for are newer, and what the site file makes of them. Plugins and themes follow their
 * own rules, WordPress follows `maintenance.core`; the other packages have no rule.
 */
export async function composerDecisions(
  context: UpdateContext,
  composer: Composer,
): Promise<readonly Decision[]> {
  const { php, files, layout, settings, signal } = context;
  const project = await readComposerProject(files, layout.root);
  if (project === undefined)
    throw new UnderstudyError('COMPOSER_UNUSABLE', `There is no composer.lock in ${layout.root}.`, {
      host: files.label,
    });
  const result = await php.run(composerOutdated(composer, project.dev), {
    allowedExitCodes: 'any',
    timeoutSeconds: 900,
    signal,
    label: 'ask Composer for newer packages',
  });
  const offers = outdatedIn(result.stdout.toString('utf8'));
  if (offers === undefined || (result.code !== 0 && offers.length === 0))
    throw new UnderstudyError(
      'COMPOSER_UNUSABLE',
      `Composer could not say which packages are newer (exit code ${String(result.code)}).`,
      { host: php.label, stderr: result.stderr || result.stdout.toString('utf8') },
    );
  return offers.flatMap(({ name, latest }) => {
    const one = project.installed.get(name);
    return one === undefined || !isPackageName(name) ? [] : [decidePackage(one, latest, settings)];
  });
}

/** The JSON object in what was printed; a plugin of Composer may print around it. */
function outdatedIn(
  output: string,
): readonly { readonly name: string; readonly latest: string }[] | undefined {
  const [start, end] = [output.indexOf('{'), output.lastIndexOf('}')];
  if (start < 0 || end < start) return output.trim() === '' || output.trim() === '[]' ? [] : undefined;
  try {
    const { installed } = JSON.parse(output.slice(start, end + 1)) as { readonly installed?: unknown };
    return rows(installed)
      .map((row) => ({ name: text(row['name']), version: text(row['version']), latest: text(row['latest']) }))
      .filter(({ version, latest }) => latest !== '' && latest !== version);
  } catch {
    return undefined;
  }
}

function decidePackage(
  { name, version, type, folder }: ComposerPackage,
  latest: string,
  settings: UpdateContext['settings'],
): Decision {
  if (isWordPress(name, type))
    return asPackage(
      name,
      decideCore([{ version: latest, update_type: 'major', package_url: '' }], version, settings.core),
    );
  const rules =
    type === 'wordpress-theme' ? settings.themes : type === 'wordpress-plugin' ? settings.plugins : NO_RULES;
  const { [folder]: pin, ...otherPins } = rules.pin;
  const item = {
    name: folder,
    title: name,
    status: 'active',
    update: 'available',
    version,
    update_version: latest,
    update_package: 'composer',
  };
  if (pin !== undefined)
    return asPackage(name, {
      stays: {
        kind: 'composer',
        slug: folder,
        title: name,
        from: version,
        offered: latest,
        to: version,
        state: 'pinned',
        evidence: ['composer.json says which versions it may be; the pin of the site file leaves it alone'],
      },
    });
  return asPackage(name, decideItem('plugin', item, version, { ...rules, pin: otherPins }));
}

/** Metapackages stand for the package that holds the files (roots/wordpress). */
const isWordPress = (name: string, type: string): boolean =>
  type === 'wordpress-core' || (type === 'metapackage' && /\/wordpress(?:-full)?$/.test(name));

const NO_RULES: UpdateRules = { exclude: [], pin: {}, securityOnly: false };

/** Its package name is the title; the slug becomes part of paths. */
function asPackage(name: string, decision: Decision): Decision {
  const names = { kind: 'composer', slug: slugOf(name), title: name } as const;
  if (decision === undefined) return undefined;
  if ('stays' in decision) return { stays: { ...decision.stays, ...names } };
  const { changelog: _, ...update } = decision.update;
  return { update: { ...update, ...names } };
}

const slugOf = (name: string): string => name.replace('/', '-');

/** What Composer installs is Composer's to update: WP-CLI would change it behind its back until the next deployment. */
export const composerSlugs = (
  project: ComposerProject | undefined,
  kind: 'plugin' | 'theme' | 'core',
): ReadonlySet<string> =>
  new Set(
    [...(project?.installed.values() ?? [])]
      .filter(({ type }) => type === `wordpress-${kind}`)
      .map(({ folder }) => folder),
  );
