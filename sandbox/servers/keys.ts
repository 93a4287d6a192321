import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface GeneratedKey {
  readonly privateKeyFile: string;
  /** `ssh-ed25519 AAAA… name`, one line. */
  readonly publicKey: string;
}

/** Makes an Ed25519 key pair `<folder>/<name>` and `<name>.pub`. */
export async function generateKey(folder: string, name: string, passphrase = ''): Promise<GeneratedKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const privateKeyFile = path.join(folder, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', privateKeyFile]);
  const publicKey = (await readFile(`${privateKeyFile}.pub`, 'utf8')).trim();
  return { privateKeyFile, publicKey };
}

/** `SHA256:…` of a public key file. */
export async function keyFingerprint(publicKeyFile: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', publicKeyFile]);
  return stdout.split(' ')[1] ?? '';
}
