import { UnderstudyError } from '../errors/index.js';
import { compact, isMapping } from './mapping.js';

/**
 * The parameters of a run. Jenkins' parameter tables, the jobs that the seed makes, the command line and the
 * validation are all made from this list.
 */
export interface ParameterDefinition {
  /** As Jenkins shows it. */
  readonly name: string;
  /** As the command line and the pipelines call it. */
  readonly key: string;
  readonly type: 'text' | 'boolean';
  readonly description: string;
  /** Not asked for: a pipeline fills it in. */
  readonly internal?: true;
}

export const PARAMETERS = [
  {
    name: 'SITE',
    key: 'site',
    type: 'text',
    description: 'Name of the site: its file is sites/<name>.yaml.',
  },
  {
    name: 'DRY_RUN',
    key: 'dryRun',
    type: 'boolean',
    description: 'Show what would happen and change nothing.',
  },
  {
    name: 'RUN',
    key: 'run',
    type: 'text',
    description: 'Id of a run to continue. Empty: a new run, or the newest unfinished one after a restart.',
  },
  {
    name: 'ALLOW_DELETIONS',
    key: 'allowDeletions',
    type: 'boolean',
    description: 'For this run, let the content sync delete more files than content.maxDeletePercent.',
  },
  {
    name: 'APPROVED_BY',
    key: 'approvedBy',
    type: 'text',
    description: 'Who approved the promotion in Jenkins.',
    internal: true,
  },
  {
    name: 'KEEP_LOCK',
    key: 'keepLock',
    type: 'boolean',
    description:
      'A complete sync leaves staging locked for what follows: updates, approval, promotion, archive.',
    internal: true,
  },
] as const satisfies readonly ParameterDefinition[];

export interface Parameters {
  readonly site?: string;
  readonly dryRun: boolean;
  readonly run?: string | undefined;
  readonly allowDeletions: boolean;
  /** Jenkins user who approved the promotion. */
  readonly approvedBy?: string | undefined;
  /** A complete sync leaves staging locked for the maintenance that follows it. */
  readonly keepLock: boolean;
}

/** Asked for by the pipelines that start other jobs; the runner never sees it. */
export const SITES_PARAMETER = {
  name: 'SITES',
  key: 'sites',
  type: 'text',
  description: 'Names of the sites. Space-separated. Empty: every site that has seeded jobs.',
} as const satisfies ParameterDefinition;

/** What a build of a site gives to the job that makes the page of all sites; the runner reads it from a file. */
export const SITE_RESULT_PARAMETER = {
  name: 'SITE_RESULT',
  key: 'siteResult',
  type: 'text',
  description: 'What a build says of its site; builds fill it in. Empty: the page is made again as it is.',
} as const satisfies ParameterDefinition;

/**
 * A boolean as Jenkins sends it: true, false, or the same as text. Anything else is refused:
 * an unknown word must never turn a dry run into a real one.
 */
function parseBoolean(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  const text =
    typeof value === 'boolean' ? String(value) : typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new UnderstudyError('USAGE', `${name} must be true or false, not ${JSON.stringify(value)}.`);
}

/** @param json the text of UNDERSTUDY_PARAMETERS: one JSON object with the keys of {@link PARAMETERS}. */
export function parseParameters(json: string): Parameters {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new UnderstudyError('USAGE', 'UNDERSTUDY_PARAMETERS is not JSON.', { cause });
  }
  if (!isMapping(value)) throw new UnderstudyError('USAGE', 'UNDERSTUDY_PARAMETERS is not a JSON object.');
  const given = value;
  const known = PARAMETERS.map(({ key }) => key as string);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    const names = unknown.map((key) => JSON.stringify(key)).join(', ');
    throw new UnderstudyError('USAGE', `Unknown parameter ${names}.`, {
      next: `The parameters are ${known.join(', ')}.`,
    });
  }
  const text = (key: 'site' | 'run' | 'approvedBy'): string | undefined => {
    const entry = given[key];
    if (entry === undefined || entry === null || entry === '') return undefined;
    if (typeof entry !== 'string') throw new UnderstudyError('USAGE', `Parameter ${key} must be text.`);
    return entry;
  };
  return compact<Parameters>({
    site: text('site'),
    run: text('run'),
    approvedBy: text('approvedBy'),
    dryRun: parseBoolean('dryRun', given['dryRun']),
    allowDeletions: parseBoolean('allowDeletions', given['allowDeletions']),
    keepLock: parseBoolean('keepLock', given['keepLock']),
  });
}
