import { parseSshText } from '../../config/addresses.js';
import { siteUrl, sshAddress } from '../../config/formats/hosts.js';
import { type SideSettings, type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectHost } from '../../hosts/connect-host.js';
import { type ReadingHost } from '../../hosts/host.js';
import { learnHostKey } from '../../hosts/ssh/learn-host-key.js';
import { shellScript } from '../../commands/command.js';
import { type Console } from '../../report/terminal/console.js';
import { createHttpClient } from '../../http/site-client.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { type Dialog } from './dialog.js';
import { containerOf, findPlaces, type FoundPlaces, likelyRoots } from './find-wordpress.js';
import { type SideText } from './site-file-text.js';

/** What was given for a side; the rest is asked or found. */
export interface SideQuestions {
  readonly url: string | undefined;
  readonly ssh: string | undefined;
  readonly path: string | undefined;
  readonly hostKey: string | undefined;
  readonly resolve: string | undefined;
  readonly ca: string | undefined;
  /** `host:port` of a database server, as the machine sees it. */
  readonly database: string | undefined;
}

interface Shared {
  readonly site: string;
  readonly key: string | undefined;
  readonly dialog: Dialog;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** A side that was looked at; its connection is open. */
export interface InitSide {
  readonly host: ReadingHost;
  readonly text: SideText;
  readonly hasWordPress: boolean;
}

type Name = 'production' | 'staging';

/** Asks for a side, pins its host key after a yes, and finds what lies on it. Reads only. */
export async function openInitSide(name: Name, given: SideQuestions, shared: Shared): Promise<InitSide> {
  const { dialog, console, signal } = shared;
  const url = await valid(siteUrl, given.url, () =>
    dialog.ask(`Address of ${name}`, { flag: `--${name} <url>`, example: 'https://www.acme.com' }),
  );
  const ssh = await valid(sshAddress, given.ssh, () =>
    dialog.ask(`ssh account of ${name}`, {
      flag: `--${name}-ssh <user@host>`,
      example: 'deploy@app.acme.net',
    }),
  );
  const plain = addressOf(ssh, shared.key);
  const label = `${name} (${plain.user}@${plain.host})`;
  const hostKey = given.hostKey ?? (await askHostKey(name, label, plain, shared));
  const address = { ...plain, hostKeys: [hostKey] };
  const host = await connectHost(address, { side: name, name, signal });
  try {
    const places = await findPlaces(host, new URL(url).hostname);
    const path = given.path ?? (await chooseRoot(name, places, url, dialog));
    const found = await lookAtSite(host, { name, url, path, address, places });
    const http = await lookAtPages(url, given, shared.site, name);
    const text: SideText = {
      url,
      ssh: {
        host: plain.host,
        user: plain.user,
        port: plain.port,
        ...(shared.key === undefined ? {} : { key: shared.key }),
        hostKey,
      },
      path,
      ...found.text,
      ...databaseServer(given.database),
      ...(http.basicAuth === undefined ? {} : { basicAuth: http.basicAuth }),
      ...(given.resolve === undefined ? {} : { resolve: given.resolve }),
      ...(given.ca === undefined ? {} : { ca: given.ca }),
      remarks: [...found.remarks, ...http.remarks],
    };
    console.line(`✓ ${label}: ${found.sentence}`);
    return { host, text, hasWordPress: found.hasWordPress };
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** @throws USAGE */
async function valid(
  format: (value: string) => string | undefined,
  given: string | undefined,
  ask: () => Promise<string>,
): Promise<string> {
  const value = given ?? (await ask());
  const complaint = format(value);
  if (complaint === undefined) return value;
  throw new UnderstudyError('USAGE', `${JSON.stringify(value)} ${complaint}.`);
}

function addressOf(text: string, key: string | undefined): SshAddress {
  const parts = parseSshText(text);
  if (parts?.user === undefined)
    throw new UnderstudyError('USAGE', `${JSON.stringify(text)} has to be user@host or user@host:port.`);
  return {
    kind: 'ssh',
    host: parts.host,
    user: parts.user,
    port: parts.port ?? 22,
    hostKeys: [],
    ...(key === undefined ? {} : { key: { source: 'file', path: key } }),
  };
}

async function askHostKey(name: Name, label: string, address: SshAddress, shared: Shared): Promise<string> {
  const { dialog, console, signal } = shared;
  const { type, fingerprint, known } = await learnHostKey(label, address, signal);
  if (known) {
    console.line(`✓ ${label}: its key ${fingerprint} is in known_hosts`);
    return fingerprint;
  }
  console.line(`${label} shows the ${type} key ${fingerprint}.`);
  console.line('On its own console, this shows the same: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  if ((await dialog.confirm('Is it the same?')) === true) return fingerprint;
  throw new UnderstudyError('HOST_KEY_UNKNOWN', `The host key of ${label} was not confirmed.`, {
    next: `Compare it with what the host shows on its console. If it is the same: --${name}-host-key ${fingerprint}`,
  });
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
    ...(usual === undefined ? {} : { usual }),
  });
}

interface Looked {
  readonly text: Pick<SideText, 'container' | 'databaseContainer'>;
  readonly hasWordPress: boolean;
  readonly sentence: string;
  readonly remarks: readonly string[];
}

async function lookAtSite(
  host: ReadingHost,
  site: {
    readonly name: Name;
    readonly url: string;
    readonly path: string;
    readonly address: SshAddress;
    readonly places: FoundPlaces;
  },
): Promise<Looked> {
  const { name, url, path, address, places } = site;
  const container = containerOf(places, path);
  const side: SideSettings = {
    url,
    address,
    path,
    workDir: '~/.understudy',
    database: { address },
    http: { headers: {} },
    ...(container === undefined ? {} : { container: container.name, containerPath: container.path }),
  };
  const text = container === undefined ? {} : { container };
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
      text: { ...text, ...(databaseContainer === undefined ? {} : { databaseContainer }) },
      hasWordPress: true,
      sentence: `WordPress in ${path}, database ${database.name ?? 'unknown'} (${configFile})`,
      remarks,
    };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'WP_CONFIG_UNREADABLE') throw error;
    if (name === 'production') throw error;
    return { text, hasWordPress: false, sentence: `no WordPress in ${path} yet`, remarks: [] };
  }
}

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
    return { basicAuth: `${site}_${name}_login`.toUpperCase().replaceAll('-', '_'), remarks: [] };
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
