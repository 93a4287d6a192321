import { type SideSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ReadingHost } from '../../hosts/host.js';
import { type TextConfig } from './text-config.js';
import {
  findWpConfig,
  type FoundFile,
  newNonce,
  printMore,
  readStatically,
  webRootOf,
  runReading,
} from './find-wp-config.js';
import { type FoundConfig, settingsFromConstants } from './settings-from-constants.js';
import { INNER_PROGRAM, OUTER_PROGRAM } from '../../commands/scripts/wp-config-program.js';
import { RESOLVE_NAME, RUN_PHP } from '../../commands/scripts/wp-config-scripts.js';
import { type LastReading, type ReadingMemory } from './last-reading.js';
import { type WordPressSettings } from './wordpress-settings.js';

/** Exit code of {@link RUN_PHP}. */
const NO_PHP = 97;

/**
 * What wp-config.php of a side says, found as WordPress finds it. Its text, with what it includes, is enough for most sites;
 * only where it is not, PHP runs it, closed off (wp-config-program.ts), and `ranPhp` says why. Changes nothing on the
 * host. What the remote command prints holds the password; it is parsed here and goes nowhere else.
 * @param memory what it took the last time is asked for from the beginning
 * @throws WP_CONFIG_UNREADABLE
 */
export async function readWpConfig(
  host: ReadingHost,
  side: SideSettings,
  memory?: ReadingMemory,
): Promise<WordPressSettings> {
  const ahead = askAhead(host, side, memory?.last);
  const found = await findWpConfig(host, side);
  const text = await readStatically(host, side, found, ahead?.named);
  const reasons = reasonsForPhp(text);
  const config: FoundConfig = {
    ...text,
    configFile: found.file,
    source: 'text',
    sockets: found.sockets,
    realRoot: found.realRoot,
    web: found.web,
    unknown: reasons.length === 0 ? [] : text.unknown,
  };
  const resolved =
    reasons.length === 0 ? config : await runByPhp(host, side, { found, config, reasons }, ahead?.byPhp);
  const settings = settingsFromConstants(await withAddress(host, side, resolved));
  const { server } = settings.database;
  memory?.note({
    asked: text.asked.map(([kind, name]) => ({ kind, name })),
    ...(reasons.length === 0 ? {} : { php: phpWords(side, found) }),
    ...(server === undefined ? {} : { server }),
  });
  return settings;
}

type PhpWords = NonNullable<LastReading['php']>;

const phpWords = (side: SideSettings, found: FoundFile): PhpWords => ({
  root: webRootOf(side, found),
  file: found.file,
  folder: found.folder ?? '',
});

/** What was asked for the last time; a question that fails is asked in its turn. */
function askAhead(host: ReadingHost, side: SideSettings, last: LastReading | undefined) {
  if (last === undefined) return undefined;
  const wanted = last.asked.map(({ kind, name }) => [kind, name] as const);
  const { php } = last;
  const named = wanted.length === 0 ? undefined : printMore(host, side, wanted);
  const byPhp = php === undefined ? undefined : { words: php, report: askPhp(host, side, php) };
  for (const each of [named, byPhp?.report]) each?.catch(() => undefined);
  return { named: named && { wanted, answers: named }, byPhp };
}

interface PhpAnswer {
  readonly nonce: string;
  readonly result: CommandResult;
}

async function askPhp(
  host: ReadingHost,
  side: SideSettings,
  { root, file, folder }: PhpWords,
): Promise<PhpAnswer> {
  const nonce = newNonce();
  const args = [OUTER_PROGRAM, INNER_PROGRAM, root, side.url, nonce, file, folder];
  return { nonce, result: await runReading(host, side, 'run by PHP:', [RUN_PHP, ...args]) };
}

/** Constants that {@link settingsFromConstants} looks at, and the table prefix. */
const ASKED =
  /^(?:DB_(?:NAME|USER|PASSWORD|HOST|CHARSET|COLLATE)|MULTISITE|SUBDOMAIN_INSTALL|DOMAIN_CURRENT_SITE|WP_(?:ENVIRONMENT_TYPE|ENV|CACHE_KEY_SALT|HOME|SITEURL|CONTENT_DIR)|UPLOADS|WP(?:MU)?_PLUGIN_DIR|(?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)|\$table_prefix)$/;
const NEEDED = ['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST'];

/** Why the text alone is not enough; empty where it is. */
function reasonsForPhp(text: TextConfig): readonly string[] {
  const open = new Set(text.doubtful.filter((name) => !ASKED.test(name)).map((name) => `${name} `));
  const reasons = text.unknown.filter((sentence) => ![...open].some((name) => sentence.startsWith(name)));
  const missing = NEEDED.filter((name) => !text.constants.has(name) && !text.doubtful.includes(name));
  return [
    ...reasons,
    ...text.unset.map((name) => `The environment variable ${name} is not set for the account.`),
    ...(text.reached ? [] : ['It does not come to wp-settings.php.']),
    ...(missing.length > 0 ? [`Its text does not define ${missing.join(', ')}.`] : []),
    ...(text.prefix === undefined && !text.doubtful.includes('$table_prefix')
      ? ['Its text sets no $table_prefix.']
      : []),
  ];
}

interface Question {
  readonly found: FoundFile;
  /** What the text says, for hosts without PHP. */
  readonly config: FoundConfig;
  readonly reasons: readonly string[];
}

async function runByPhp(
  host: ReadingHost,
  side: SideSettings,
  { found, config, reasons }: Question,
  ahead: { readonly words: PhpWords; readonly report: Promise<PhpAnswer> } | undefined,
): Promise<FoundConfig> {
  const words = phpWords(side, found);
  const asked = JSON.stringify(ahead?.words) === JSON.stringify(words) ? ahead?.report : undefined;
  const { nonce, result } = (await asked?.catch(() => undefined)) ?? (await askPhp(host, side, words));
  const { root } = words;
  if (result.code === NO_PHP || result.code === 127)
    return { ...config, unknown: [...config.unknown, 'There is no PHP on the host to ask.'] };
  const report = readReport(result.stdout.toString('latin1'), nonce);
  if (report === undefined) throw phpFailed(result, host, root);
  const prefix = decode(report.prefix);
  return {
    configFile: found.file,
    source: 'php',
    ranPhp: reasons,
    constants: constantsOf(report),
    ...(typeof prefix === 'string' ? { prefix } : {}),
    sockets: found.sockets,
    realRoot: found.realRoot,
    web: found.web,
    included: [...new Set([...config.included, ...report.included.map((path) => String(decode(path)))])],
    unknown: doubtsOf(report),
  };
}

const phpFailed = (result: CommandResult, host: ReadingHost, root: string): UnderstudyError =>
  new UnderstudyError(
    'WP_CONFIG_UNREADABLE',
    `wp-config.php of ${root} could not be run: exit code ${String(result.code)} and no report.`,
    { host: host.label, stderr: result.stderr },
  );

interface Report {
  readonly reached: boolean;
  readonly prefix: string | boolean | null;
  readonly constants: Readonly<Record<string, string | boolean | null>> | readonly never[];
  readonly unset: readonly string[];
  /** Files that were read meanwhile, base64. */
  readonly included: readonly string[];
  /** What kind of error ended the file. Never its text, which may hold anything. */
  readonly fatal: string | null;
  readonly line: number | null;
}

const decode = (value: string | boolean | null | undefined): string | boolean | undefined =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : (value ?? undefined);

function constantsOf(report: Report): Map<string, string | boolean> {
  const constants = new Map<string, string | boolean>();
  for (const [name, value] of Object.entries(report.constants)) {
    const decoded = decode(value);
    // `getenv()` of a variable that is not set gives false: that is no name and no password.
    if (decoded !== undefined && !(name.startsWith('DB_') && typeof decoded === 'boolean'))
      constants.set(name, decoded);
  }
  return constants;
}

/** The report between its two nonces, which wp-config.php never sees. */
function readReport(output: string, nonce: string): Report | undefined {
  const from = output.indexOf(nonce);
  const to = output.indexOf(nonce, from + nonce.length);
  return from < 0 || to < 0 ? undefined : (JSON.parse(output.slice(from + nonce.length, to)) as Report);
}

function doubtsOf(report: Report): string[] {
  const doubts = report.unset.map(
    (name) =>
      `The environment variable ${name}, which wp-config.php asks for, is not set for the command line.`,
  );
  if (report.fatal !== null)
    doubts.push(`wp-config.php ended with an error in line ${String(report.line)}: ${report.fatal}`);
  else if (!report.reached) doubts.push('wp-config.php ended before it came to wp-settings.php.');
  return doubts;
}

/** Names of `docker compose` services mean nothing outside: the address is taken where the machine cannot know the name. */
async function withAddress(host: ReadingHost, side: SideSettings, config: FoundConfig): Promise<FoundConfig> {
  const server = config.constants.get('DB_HOST');
  if (side.container === undefined || typeof server !== 'string') return config;
  const name = server.replace(/^p:/, '').replace(/:.*$/, '');
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name === 'localhost' || /^[0-9.]+$/.test(name))
    return config;
  const result = await runReading(host, side, `resolve ${name} for`, [RESOLVE_NAME, name]);
  const address = /^[0-9a-f.:]*[0-9a-f.]+(?=\s|$)/i.exec(result.stdout.toString())?.[0];
  return address === undefined || address === name || !/[.:]/.test(address) ? config : { ...config, address };
}
