import { parseSshText } from '../../config/addresses.js';
import { sshAddress, sshAddressOrLocal } from '../../config/formats/hosts.js';
import { type HostAddress, type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { learnHostKey } from '../../hosts/ssh/open-ssh.js';
import { type Console } from '../../report/terminal/console.js';
import { type Dialog } from './dialog.js';
import { type SshText } from './site-file-text.js';

type Format = (value: string) => string | undefined;

/** What was given for the way to a side; the rest is asked. */
export interface AddressQuestions {
  /** `user@host`, `user@host:port` or `local`. */
  readonly ssh?: string;
  readonly hostKey?: string;
  /** A bastion, `user@host` or `user@host:port`. */
  readonly via?: string;
  readonly viaHostKey?: string;
}

export interface AddressTools {
  /** Path of a private key for all of them. */
  readonly key: string | undefined;
  readonly dialog: Dialog;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** Asks how a side is reached and pins the keys of its hosts, each after a yes. @throws USAGE, HOST_KEY_UNKNOWN */
export async function askAddress(
  name: 'production' | 'staging',
  given: AddressQuestions,
  tools: AddressTools,
): Promise<HostAddress> {
  const ssh = await valid(sshAddressOrLocal, given.ssh, () =>
    tools.dialog.ask(`ssh account of ${name}`, {
      flag: `--${name}-ssh <user@host>`,
      example: 'deploy@app.acme.net',
    }),
  );
  if (ssh === 'local') {
    if (given.via === undefined) return { kind: 'local' };
    throw new UnderstudyError('USAGE', `--${name}-via names a bastion, and ${name} is this machine.`);
  }
  const via =
    given.via === undefined
      ? undefined
      : await pinned(
          `${name}-via`,
          addressOf(checked(sshAddress, given.via), tools.key),
          given.viaHostKey,
          tools,
        );
  const plain = { ...addressOf(ssh, tools.key), ...(via === undefined ? {} : { via }) };
  return pinned(name, plain, given.hostKey, tools);
}

/** `production (deploy@app.acme.net)`. */
export const labelOf = (name: string, address: HostAddress): string =>
  address.kind === 'local' ? `${name} (this machine)` : `${name} (${address.user}@${address.host})`;

/** The address as the site file has it. */
export const sshTextOf = (address: HostAddress): SshText | 'local' =>
  address.kind === 'local'
    ? 'local'
    : {
        host: address.host,
        user: address.user,
        port: address.port,
        ...(address.key?.source === 'file' ? { key: address.key.path } : {}),
        hostKey: address.hostKeys[0] ?? '',
        ...(address.via === undefined ? {} : { via: sshTextOf(address.via) as SshText }),
      };

/** @throws USAGE */
export const valid = async (
  format: Format,
  given: string | undefined,
  ask: () => Promise<string>,
): Promise<string> => checked(format, given ?? (await ask()));

function checked(format: Format, value: string): string {
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

/** @param flag the beginning of the flags for this host */
async function pinned(
  flag: string,
  address: SshAddress,
  given: string | undefined,
  tools: AddressTools,
): Promise<SshAddress> {
  const hostKey = given ?? (await askHostKey(flag, address, tools));
  return { ...address, hostKeys: [hostKey] };
}

async function askHostKey(flag: string, address: SshAddress, tools: AddressTools): Promise<string> {
  const { dialog, console, signal } = tools;
  const label = labelOf(flag.replace('-via', '’s bastion'), address);
  const { type, fingerprint, known } = await learnHostKey(label, address, signal);
  if (known) {
    console.line(`✓ ${label}: its key ${fingerprint} is in known_hosts`);
    return fingerprint;
  }
  console.line(`${label} shows the ${type} key ${fingerprint}.`);
  console.line('On its own console, this shows the same: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  if ((await dialog.confirm('Is it the same?')) === true) return fingerprint;
  throw new UnderstudyError('HOST_KEY_UNKNOWN', `The host key of ${label} was not confirmed.`, {
    next: `Compare it with what the host shows on its console. If it is the same: --${flag}-host-key ${fingerprint}`,
  });
}
