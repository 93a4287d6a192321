import { randomBytes } from 'node:crypto';
import { type ReadCommand, readCommand, shellScript } from '../../commands/command.js';
import { dockerExecWords } from '../../commands/docker.js';
import { type SideSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type CommandResult, type ReadingHost } from '../../hosts/host.js';
import { configFromText } from './config-from-text.js';
import { type TextConfig } from './text-config.js';
import { PRINT_MORE, PRINT_WP_CONFIG } from '../../commands/scripts/wp-config-scripts.js';

/** wp-config.php as it lies on a host (or in a container), read and not run. */
export interface FoundFile {
  /** Absolute, without links. */
  readonly file: string;
  /** ABSPATH, with a trailing slash; undefined where WordPress is not found. */
  readonly folder?: string;
  readonly sockets: readonly string[];
  /** The side's `path` without links. */
  readonly realRoot: string;
  /** The folder in it that the web server serves; '' is `path` itself. */
  readonly web: string;
  readonly text: string;
}

/** Exit codes of the script. */
const NO_CONFIG = 66;
const NOT_READABLE = 77;
const REFUSED = 78;

export const newNonce = (): string => `understudy-${randomBytes(12).toString('hex')}`;

export function inContainer(side: SideSettings, command: ReadCommand): ReadCommand {
  return side.container === undefined
    ? command
    : readCommand(...dockerExecWords(side.container, command.argv));
}

/** The folder of the site where its PHP runs. */
const rootOf = (side: SideSettings): string =>
  side.container === undefined ? side.path : (side.containerPath ?? side.path);

/** The folder that the web server serves, where PHP runs. */
export const webRootOf = (side: SideSettings, settings: { readonly web?: string } | undefined): string => {
  const web = settings?.web ?? '';
  return web === '' ? rootOf(side) : `${rootOf(side)}/${web}`;
};

/** Runs a reading script on the side's machine or in its container, within a minute. */
export const runReading = (
  host: ReadingHost,
  side: SideSettings,
  what: string,
  [text, ...args]: readonly [string, ...string[]],
): Promise<CommandResult> =>
  host.run(inContainer(side, shellScript('read', text, args)), {
    label: `${what} ${rootOf(side)}/wp-config.php${side.container === undefined ? '' : ` in the container ${side.container}`}`,
    allowedExitCodes: 'any',
    timeoutSeconds: 60,
  });

/** @throws WP_CONFIG_UNREADABLE */
export async function findWpConfig(host: ReadingHost, side: SideSettings): Promise<FoundFile> {
  const [nonce, root] = [newNonce(), rootOf(side)];
  const result = await runReading(host, side, 'read', [PRINT_WP_CONFIG, root, nonce]);
  refuse(result, host, root);
  const output = result.stdout.toString('utf8');
  const start = output.indexOf(`${nonce} text `);
  const head = output.slice(0, start).split('\n');
  const values = (kind: string): string[] =>
    head
      .filter((line) => line.startsWith(`${nonce} ${kind} `))
      .map((line) => line.slice(nonce.length + kind.length + 2));
  const [file] = values('file');
  if (start < 0 || file === undefined)
    throw new UnderstudyError('WP_CONFIG_UNREADABLE', `wp-config.php of ${root} could not be read.`, {
      host: host.label,
      stderr: result.stderr,
    });
  const [folder] = values('folder');
  return {
    file,
    ...(folder === undefined ? {} : { folder }),
    sockets: [...new Set(values('socket'))],
    realRoot: values('root')[0] ?? root,
    web: values('web')[0] ?? '',
    text: output.slice(output.indexOf('\n', start) + 1),
  };
}

function refuse(result: CommandResult, host: ReadingHost, root: string): void {
  const problem = (message: string, next: string): UnderstudyError =>
    new UnderstudyError('WP_CONFIG_UNREADABLE', message, {
      host: host.label,
      next,
      ...(result.code === NO_CONFIG ? {} : { stderr: result.stderr }),
    });
  if (result.code === NO_CONFIG)
    throw problem(
      `There is no wp-config.php in ${root}, in the folder of it that a web server serves, or one folder above.`,
      host.side === 'staging'
        ? 'Create it, with everything else that an empty staging needs: understudy prepare <site> --apply. Or check staging.path in the site file.'
        : 'Check the path of this side in the site file: the folder in which WordPress’ index.php lies, or that of the whole project (Bedrock) with its composer.json.',
    );
  if (result.code === NOT_READABLE)
    throw problem(
      `The account may not read wp-config.php of ${root}.`,
      'Let the account of the site file read it (usually: add the account to the group of the web server), or name the database in the site file.',
    );
  if (result.code === REFUSED)
    throw problem(
      `wp-config.php of ${root} is not a file that can be read: ${result.stderr.trim()}.`,
      'Check the file; it must be a regular file of a plausible size.',
    );
}

/** More rounds than any chain of includes needs. */
const MOST_ROUNDS = 8;

/** What the text says, and which files were read for it, absolute. */
export interface StaticConfig extends TextConfig {
  readonly included: readonly string[];
  /** What was asked of the host for it. */
  readonly asked: readonly Wanted[];
}

/** A variable of the environment, or a file. */
type Wanted = readonly [kind: 'e' | 'f', name: string];

/** What was asked for before it was known whether it is needed. */
interface AskedAhead {
  readonly wanted: readonly Wanted[];
  readonly answers: Promise<ReadonlyMap<string, string>>;
}

/** What the text says, with the files that it includes and the variables that it asks for. Nothing is run. */
export async function readStatically(
  host: ReadingHost,
  side: SideSettings,
  found: FoundFile,
  ahead?: AskedAhead,
): Promise<StaticConfig> {
  const all: Wanted[] = [];
  const files = new Map<string, string | null>();
  const environment = new Map<string, string>();
  const asked = new Set<string>();
  const given = new Map(found.folder === undefined ? [] : [['ABSPATH', found.folder]]);
  for (let round = 0; ; round += 1) {
    const config = configFromText(found.text, found.file, { environment, files, given });
    const names = config.unset.filter((name) => !asked.has(name));
    const paths = config.missing.filter((path) => isPlainPath(path) && !files.has(path));
    if ((names.length === 0 && paths.length === 0) || round === MOST_ROUNDS) {
      const read = [...files].filter(([, text]) => text !== null).map(([path]) => path);
      return { ...config, included: [found.file, ...read], asked: all };
    }
    const wanted = [
      ...paths.map((path) => ['f', path] as const),
      ...names.map((name) => ['e', name] as const),
    ];
    all.push(...wanted);
    const answers = (await answeredAhead(wanted, ahead)) ?? (await printMore(host, side, wanted));
    for (const path of paths) files.set(path, answers.get(path) ?? null);
    for (const name of names) {
      asked.add(name);
      const value = answers.get(name);
      if (value !== undefined) environment.set(name, value.replace(/\n$/, ''));
    }
  }
}

const isPlainPath = (path: string): boolean => !/[\0-\x1f\x7f]/.test(path);

/** Undefined where not all of it was asked for, or that failed. */
async function answeredAhead(
  wanted: readonly Wanted[],
  ahead: AskedAhead | undefined,
): Promise<ReadonlyMap<string, string> | undefined> {
  const isAsked = ([kind, name]: Wanted): boolean =>
    ahead?.wanted.some((each) => each[0] === kind && each[1] === name) === true;
  return wanted.every(isAsked) ? ahead?.answers.catch(() => undefined) : undefined;
}

export async function printMore(
  host: ReadingHost,
  side: SideSettings,
  wanted: readonly Wanted[],
): Promise<Map<string, string>> {
  const nonce = newNonce();
  const result = await runReading(host, side, 'read what is named by', [PRINT_MORE, nonce, ...wanted.flat()]);
  const answers = new Map<string, string>();
  const parts = result.stdout.toString('utf8').split(`\n${nonce} `).slice(1);
  for (const [index, [, name]] of wanted.entries()) {
    const part = parts[index];
    if (part !== undefined && !part.startsWith('-')) answers.set(name, part.slice(part.indexOf('\n') + 1));
  }
  return answers;
}
