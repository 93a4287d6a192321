import { siteUrl } from '../../config/formats/hosts.js';
import { type HostAddress, type SideSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectHost } from '../../hosts/connect-host.js';
import { type ReadingHost } from '../../hosts/host.js';
import { shellScript } from '../../commands/command.js';
import { createHttpClient } from '../../http/site-client.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { type Dialog } from './dialog.js';
import {
  type AddressQuestions,
  type AddressTools,
  askAddress,
  labelOf,
  sshTextOf,
  valid,
} from './init-address.js';
import { containerOf, findPlaces, type FoundPlaces, likelyRoots } from './find-wordpress.js';
import { type SideText, type SiteText } from './site-file-text.js';

/** What was given for a side; the rest is asked or found. */
export interface SideQuestions extends AddressQuestions {
  readonly url?: string;
  readonly path?: string;
  readonly resolve?: string;
  readonly ca?: string;
  /** `host:port` of a database server, as the machine sees it. */
  readonly database?: string;
  /** Name and account of the database of a site that is not WordPress. */
  readonly databaseName?: string;
  readonly databaseUser?: string;
}

interface Shared extends AddressTools {
  readonly site: string;
  readonly type: SiteText['type'];
}

/** A side that was looked at; its connection is open. */
export interface InitSide {
  readonly host: ReadingHost;
  readonly text: SideText;
  /** Staging has a site already; of one that is not WordPress nobody knows. */
  readonly isPrepared: boolean;
}

type Name = 'production' | 'staging';

/** Asks for a side, pins its host key after a yes, and finds what lies on it. Reads only. */
export async function openInitSide(name: Name, given: SideQuestions, shared: Shared): Promise<InitSide> {
  const { dialog, console, signal } = shared;
  const url = await valid(siteUrl, given.url, () =>
    dialog.ask(`Address of ${name}`, { flag: `--${name} <url>`, example: 'https://www.acme.com' }),
  );
  const address = await askAddress(name, given, shared);
  const label = labelOf(name, address);
  const host = await connectHost(address, { side: name, name, signal });
  try {
    const places = await findPlaces(host, new URL(url).hostname);
    const path = given.path ?? (await chooseRoot(name, places, url, dialog));
    const container = containerOf(places, path);
    const found =
      shared.type === 'php'
        ? await askDatabase(name, path, given, shared)
        : await lookAtSite(host, { name, url, path, address, places, container });
    const http = await lookAtPages(url, given, shared.site, name);
    const text: SideText = {
      url,
      ssh: sshTextOf(address),
      path,
      container,
      ...found.text,
      ...databaseServer(given.database),
      ...(http.basicAuth === undefined ? {} : { basicAuth: http.basicAuth }),
      ...(given.resolve === undefined ? {} : { resolve: given.resolve }),
      ...(given.ca === undefined ? {} : { ca: given.ca }),
      remarks: [...found.remarks, ...http.remarks],
    };
    console.line(`✓ ${label}: ${found.sentence}`);
    return { host, text, isPrepared: found.isPrepared };
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function chooseRoot(name: Name, places: FoundPlaces, url: string, dialog: Dialog): Promise<string> {
  const roots = likelyRoots(places);
  const [only] = roots;
  const flag = `--${name}-path <folder>`;
  if (only !== undefined && roots.length === 1) return only;
  const usual = only ?? (name === 'staging' ? `/var/www/${new URL(url).hostname}` : undefined);
  const several = roots.length > 1 ? ` (found: ${roots.join(', ')})` : '';
  return dialog.ask(`Document root of ${name}${several}`, {
    flag,
    usual,
  });
}

interface Looked {
  readonly text: Pick<SideText, 'databaseContainer' | 'account'>;
  readonly isPrepared: boolean;
  readonly sentence: string;
  readonly remarks: readonly string[];
}

async function lookAtSite(
  host: ReadingHost,
  site: {
    readonly name: Name;
    readonly url: string;
    readonly path: string;
    readonly address: HostAddress;
    readonly places: FoundPlaces;
    readonly container: SideText['container'];
  },
): Promise<Looked> {
  const { name, url, path, address, places, container } = site;
  const side: SideSettings = {
    url,
    address,
    path,
    workDir: '~/.understudy',
    database: { address },
    http: { headers: {} },
    container: container?.name,
    containerPath: container?.path,
  };
  try {
    const { database, configFile } = await readWpConfig(host, side);
    const server = database.server?.kind === 'tcp' ? database.server.host : undefined;
    const databaseContainer = server === undefined ? undefined : await databaseContainerOf(host, server);
    const remarks =
      name === 'production' && !places.dumps && databaseContainer === undefined
        ? [
            'The machine has no mysqldump. Where the database has a machine of its own: database: { ssh: user@host }',
          ]
        : [];
    return {
      text: databaseContainer === undefined ? {} : { databaseContainer },
      isPrepared: true,
      sentence: `WordPress in ${path}, database ${database.name ?? 'unknown'} (${configFile})`,
      remarks,
    };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'WP_CONFIG_UNREADABLE') throw error;
    if (name === 'production') throw error;
    return { text: {}, isPrepared: false, sentence: `no WordPress in ${path} yet`, remarks: [] };
  }
}

/** No file says which database a site has that is not WordPress. */
async function askDatabase(
  name: Name,
  path: string,
  given: SideQuestions,
  { dialog, site }: Shared,
): Promise<Looked> {
  const { databaseName, databaseUser } = given;
  const schema =
    databaseName ??
    (await dialog.ask(`Database of ${name}`, { flag: `--${name}-database-name <name>`, example: 'portal' }));
  const user =
    databaseUser ??
    (await dialog.ask(`Account of that database`, { flag: `--${name}-database-user <user>`, usual: schema }));
  const password = variable(site, name, 'database');
  return {
    text: { account: { name: schema, user, password } },
    isPrepared: true,
    sentence: `${path}, database ${schema}`,
    remarks: [],
  };
}

/** The variable of a secret: `ACME_STAGING_LOGIN`. */
const variable = (site: string, name: Name, what: 'login' | 'database'): string =>
  `${site}_${name}_${what}`.toUpperCase().replaceAll('-', '_');

/** $1 name of a server as PHP's container knows it. Prints the container that has it, where the machine does not. */
const FIND_DATABASE = `getent hosts "$1" >/dev/null 2>&1 && exit 0
command -v docker >/dev/null 2>&1 || exit 0
docker ps --format '{{.Names}} {{.Label "com.docker.compose.service"}}' 2>/dev/null |
  while read -r name service; do [ "$name" != "$1" ] && [ "$service" != "$1" ] || { echo "$name"; break; }; done`;

async function databaseContainerOf(host: ReadingHost, server: string): Promise<string | undefined> {
  const { stdout } = await host.run(shellScript('read', FIND_DATABASE, [server]), {
    allowedExitCodes: 'any',
    label: 'look for the container of the database',
  });
  const name = stdout.toString().trim();
  return /^[a-zA-Z0-9][\w.-]*$/.test(name) ? name : undefined;
}

/** Whether people need a login, and what else stands between the runner and the pages. */
async function lookAtPages(
  url: string,
  { resolve, ca }: SideQuestions,
  site: string,
  name: Name,
): Promise<{ readonly basicAuth?: string; readonly remarks: readonly string[] }> {
  const settings = {
    headers: {},
    ...(resolve === undefined ? {} : { resolve }),
    ...(ca === undefined ? {} : { ca }),
  };
  try {
    const answer = await (await createHttpClient(url, settings))(url, { timeoutSeconds: 10 });
    const asks = answer.status === 401 && /^basic/i.test(answer.headers['www-authenticate'] ?? '');
    if (!asks) return { remarks: [] };
    return { basicAuth: variable(site, name, 'login'), remarks: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : 'no answer';
    const hint = /certificate|signed/i.test(why) ? 'http: { ca: <file> }' : 'http: { resolve: <address> }';
    return {
      remarks: [`Its pages did not answer the runner (${why.slice(0, 100)}); perhaps it needs ${hint}.`],
    };
  }
}

/** @throws USAGE */
function databaseServer(text: string | undefined): Pick<SideText, 'databaseServer'> {
  if (text === undefined) return {};
  const match = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null)
    throw new UnderstudyError('USAGE', `${JSON.stringify(text)} has to be host or host:port.`);
  return { databaseServer: { host: match[1] ?? '', port: Number(match[2] ?? 3306) } };
}
