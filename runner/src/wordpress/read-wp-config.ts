import { randomBytes } from 'node:crypto';
import { type ReadCommand, readCommand, shellScript } from '../commands/command.js';
import { dockerExecWords } from '../commands/docker.js';
import { type SideSettings } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { type CommandResult, type ReadingHost } from '../hosts/host.js';
import { configFromText, environmentNames } from './config-from-text.js';
import { type FoundConfig, settingsFromConstants } from './settings-from-constants.js';
import { PRINT_WP_CONFIG, RUN_PHP, WP_CONFIG_PROGRAM } from './wp-config-program.js';
import { type WordPressSettings } from './wordpress-settings.js';

/** Exit codes of the scripts in wp-config-program.ts. */
const NO_CONFIG = 66;
const NOT_READABLE = 77;
const NO_PHP = 97;

/**
 * What wp-config.php of a side says, found as WordPress finds it and run by the PHP of the machine (or container)
 * without loading WordPress; read as text where there is no PHP. Changes nothing on the host. What the remote
 * command prints holds the password; it is parsed here and goes nowhere else.
 * @throws WP_CONFIG_UNREADABLE
 */
export async function readWpConfig(host: ReadingHost, side: SideSettings): Promise<WordPressSettings> {
  const root = side.container === undefined ? side.path : (side.containerPath ?? side.path);
  const marker = `understudy-${randomBytes(12).toString('hex')}-`;
  const run = (text: string, args: readonly string[], what: string): Promise<CommandResult> =>
    host.run(inContainer(side, shellScript('read', text, args)), {
      describe: `${what} ${root}/wp-config.php${side.container === undefined ? '' : ` in the container ${side.container}`}`,
      okCodes: 'any',
      timeoutSeconds: 60,
    });
  const byPhp = await run(RUN_PHP, [WP_CONFIG_PROGRAM, root, side.url, marker], 'run by PHP:');
  refuseWithout(byPhp, host, root);
  const report = byPhp.code === NO_PHP ? undefined : readReport(byPhp.stdout.toString('latin1'), marker);
  if (report) return settingsFromConstants(withAddress(report, side));
  if (byPhp.code !== NO_PHP && byPhp.code !== 127) throw phpFailed(byPhp, host, root);
  const printed = await run(PRINT_WP_CONFIG, [root], 'print');
  refuseWithout(printed, host, root);
  if (printed.code !== 0) throw phpFailed(printed, host, root);
  return settingsFromConstants(await readAsText(host, side, printed.stdout));
}

export function inContainer(side: SideSettings, command: ReadCommand): ReadCommand {
  return side.container === undefined
    ? command
    : readCommand(...dockerExecWords(side.container, command.argv));
}

function refuseWithout(result: CommandResult, host: ReadingHost, root: string): void {
  if (result.code === NO_CONFIG)
    throw new UnderstudyError(
      'WP_CONFIG_UNREADABLE',
      `There is no wp-config.php in ${root} or one folder above.`,
      {
        host: host.label,
        next: 'Check the path of this side in the site file: it is the folder in which WordPress’ index.php lies.',
      },
    );
  if (result.code === NOT_READABLE)
    throw new UnderstudyError('WP_CONFIG_UNREADABLE', `The account may not read wp-config.php of ${root}.`, {
      host: host.label,
      stderr: result.stderr,
      next: 'Let the account of the site file read it (usually: add the account to the group of the web server), or name the database in the site file.',
    });
}

const phpFailed = (result: CommandResult, host: ReadingHost, root: string): UnderstudyError =>
  new UnderstudyError(
    'WP_CONFIG_UNREADABLE',
    `wp-config.php of ${root} could not be run: exit code ${String(result.code)} and no report.`,
    { host: host.label, stderr: result.stderr },
  );

/** Names of `docker compose` services mean nothing outside: the address is taken where the machine cannot know the name. */
function withAddress(report: FoundConfig, side: SideSettings): FoundConfig {
  if (side.container !== undefined) return report;
  const { address: _, ...rest } = report;
  return rest;
}

interface Report {
  readonly file: string;
  readonly reached: boolean;
  readonly prefix: string | boolean | null;
  readonly constants: Readonly<Record<string, string | boolean | null>> | readonly never[];
  readonly unset: readonly string[];
  readonly environmentFrom: readonly string[];
  readonly fatal: string | null;
  readonly line: number | null;
  readonly sockets: readonly string[];
  readonly address: string | null;
  readonly root: string | boolean | null;
  readonly included: readonly string[];
}

const decode = (value: string | boolean | null | undefined): string | boolean | undefined =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : (value ?? undefined);

/** The program's report between its two markers; what wp-config.php printed around it is not looked at. */
function readReport(output: string, marker: string): FoundConfig | undefined {
  const from = output.indexOf(marker);
  const to = output.indexOf(marker, from + marker.length);
  if (from < 0 || to < 0) return undefined;
  const report = JSON.parse(output.slice(from + marker.length, to)) as Report;
  const constants = new Map<string, string | boolean>();
  for (const [name, value] of Object.entries(report.constants)) {
    const decoded = decode(value);
    // `getenv()` of a variable that is not set gives false: that is no name and no password.
    if (decoded !== undefined && !(name.startsWith('DB_') && typeof decoded === 'boolean'))
      constants.set(name, decoded);
  }
  const prefix = decode(report.prefix);
  const realRoot = decode(report.root);
  return {
    configFile: String(decode(report.file)),
    source: 'php',
    constants,
    ...(typeof prefix === 'string' ? { prefix } : {}),
    sockets: report.sockets,
    ...(typeof realRoot === 'string' ? { realRoot } : {}),
    included: report.included.map((path) => String(decode(path))),
    ...(report.address === null ? {} : { address: report.address }),
    unknown: doubtsOf(report),
  };
}

/** PHP's syntax errors quote the source, which may be a piece of the password. */
const withoutQuotes = (message: string): string =>
  message.replaceAll(/"[^"]*"?|'[^']*'?/g, '"…"').slice(0, 200);

function doubtsOf(report: Report): string[] {
  const doubts = report.unset.map(
    (name) =>
      `The environment variable ${name}, which wp-config.php asks for, is not set for the command line.`,
  );
  if (report.fatal !== null)
    doubts.push(
      `wp-config.php ended with an error in line ${String(report.line)}: ${withoutQuotes(String(decode(report.fatal)))}`,
    );
  else if (!report.reached) doubts.push('wp-config.php ended before it came to wp-settings.php.');
  return doubts;
}

/** Where there is no PHP: constants, and variables that are set for the account's shell. */
async function readAsText(host: ReadingHost, side: SideSettings, printed: Buffer): Promise<FoundConfig> {
  const [configFile = '', ...rest] = printed.toString('utf8').split('\n');
  const text = rest.join('\n');
  const names = environmentNames(text);
  const environment = new Map<string, string>();
  for (const name of names) {
    const value = await host.run(inContainer(side, readCommand('printenv', name)), {
      okCodes: 'any',
      describe: `printenv ${name}`,
    });
    if (value.code === 0) environment.set(name, value.stdout.toString('utf8').replace(/\n$/, ''));
  }
  return {
    ...configFromText(text, configFile, environment),
    configFile,
    source: 'text',
    sockets: [],
    included: [configFile],
  };
}
