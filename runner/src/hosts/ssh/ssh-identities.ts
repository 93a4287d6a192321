import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { inRunnerHome } from '../../basics/runner-home.js';
import { type SecretReference, type SshAddress } from '../../config/site.js';
import { Secret, UnderstudyError } from '../../errors/index.js';

/** A private key as it was found: still encrypted when it has a passphrase. */
export interface PrivateKey {
  /** The key file's text. */
  readonly text: Secret;
  readonly passphrase?: Secret | undefined;
  /** For messages: the path or the credential's id. */
  readonly name: string;
}

/** Reads the private key that a site file refers to. Replaced in tests. */
export type ReadKey = (reference: SecretReference) => Promise<PrivateKey>;

export const readKeyFromRunner: ReadKey = async (reference) => {
  if (reference.source === 'file') return readKeyFile(reference.path, undefined, reference.path);
  const name = reference.source === 'credential' ? reference.id : reference.env;
  const value = process.env[reference.env];
  if (value === undefined || value === '')
    throw new UnderstudyError(
      'SSH_KEY_UNUSABLE',
      `The SSH key ${name} is not there: ${reference.env} is not set.`,
      {
        next: `Bind the Jenkins credential ${name} (withCredentials does this in the shared library), or set ${reference.env} to the path of the key file.`,
      },
    );
  const passphrase = process.env[`${reference.env}_PASSPHRASE`];
  const secret = passphrase ? new Secret(passphrase) : undefined;
  if (value.includes('-----BEGIN'))
    return { text: new Secret(`${value.trimEnd()}\n`), name, passphrase: secret };
  return readKeyFile(value, secret, name);
};

async function readKeyFile(file: string, passphrase: Secret | undefined, name: string): Promise<PrivateKey> {
  const resolved = inRunnerHome(file);
  const text = await readFile(resolved, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'does not exist on the runner' : 'cannot be read';
    throw new UnderstudyError('SSH_KEY_UNUSABLE', `The SSH key file ${resolved} ${why}.`, { cause });
  });
  return { text: new Secret(`${text.trimEnd()}\n`), name, passphrase };
}

/** ssh2's words for a key that it cannot decrypt. */
const isLocked = (error: Error): boolean =>
  /encrypted|passphrase|bad decrypt|integrity check/i.test(error.message);

/** Parses (and decrypts) a private key; tells a wrong or missing passphrase from a broken file. */
export function parsePrivateKey(key: PrivateKey): ParsedKey {
  const parsed = ssh2.utils.parseKey(key.text.reveal(), key.passphrase?.reveal());
  if (parsed instanceof Error && isLocked(parsed))
    throw new UnderstudyError(
      'SSH_KEY_UNUSABLE',
      `The SSH key ${key.name} has a passphrase, and ${key.passphrase === undefined ? 'none was given' : 'the one that was given does not open it'}.`,
      {
        next: 'From a shell: load it into an ssh-agent (ssh-add) and remove ssh.key from the site file. In Jenkins: a credential of the kind SSH username with private key holds the passphrase too.',
      },
    );
  if (parsed instanceof Error)
    throw new UnderstudyError(
      'SSH_KEY_UNUSABLE',
      `The SSH key ${key.name} cannot be used: ${parsed.message}.`,
    );
  const first = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!first?.isPrivateKey())
    throw new UnderstudyError('SSH_KEY_UNUSABLE', `${key.name} holds a public key, not a private one.`);
  return first;
}

/** ssh2 takes a parsed key as well (its types do not say so), which saves deriving the passphrase's key twice. */
export const publicKeyMethod = (username: string, key: ParsedKey): AnyAuthMethod => ({
  type: 'publickey',
  username,
  key: key as unknown as Buffer,
});

/** Names below ~/.ssh that ssh itself tries too. */
export const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** With the site file's key and nothing else; without one by the ssh-agent, then with open default identities. */
export async function authenticationMethods(address: SshAddress, readKey: ReadKey): Promise<AnyAuthMethod[]> {
  const username = address.user;
  if (address.key) {
    const key = await readKey(address.key);
    return [publicKeyMethod(username, parsePrivateKey(key))];
  }
  const methods: AnyAuthMethod[] = [];
  const agent = process.env['SSH_AUTH_SOCK'];
  if (agent) methods.push({ type: 'agent', username, agent });
  for (const name of DEFAULT_IDENTITIES) {
    const text = await readFile(path.join(homedir(), '.ssh', name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const parsed = ssh2.utils.parseKey(text);
    if (!(parsed instanceof Error)) methods.push(publicKeyMethod(username, parsed));
  }
  return methods;
}

/** The default identities that only a passphrase opens: nobody could tell why they are not tried. */
async function lockedIdentities(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of DEFAULT_IDENTITIES) {
    const text = await readFile(path.join(homedir(), '.ssh', name), 'utf8').catch(() => undefined);
    const parsed = text === undefined ? undefined : ssh2.utils.parseKey(text);
    if (parsed instanceof Error && isLocked(parsed)) found.push(`~/.ssh/${name}`);
  }
  return found;
}

export async function describeIdentities({ key }: SshAddress): Promise<string> {
  if (key !== undefined)
    return `the key ${key.source === 'file' ? key.path : key.source === 'env' ? key.env : key.id}`;
  const locked = await lockedIdentities();
  const agent = process.env['SSH_AUTH_SOCK']
    ? 'the keys of the ssh-agent'
    : 'no ssh-agent (SSH_AUTH_SOCK is not set)';
  return `${agent} and the default keys in ~/.ssh${locked.length > 0 ? `, without ${locked.join(', ')}, which need a passphrase` : ''}`;
}
