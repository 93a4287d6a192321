import { matchesPattern } from '../../basics/patterns.js';
import { createHash, createHmac } from 'node:crypto';

/** A public host key as SSH sends it. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly type: string;
  /** Base64 of the whole key blob. */
  readonly base64: string;
}

export type HostKeyVerdict = 'trusted' | 'unknown' | 'changed' | 'revoked';

/** What is trusted for one host, from the site file or from known_hosts. */
export interface TrustedKeys {
  /** Where it was said, for messages: `ssh.hostKeys in the site file` or a path. */
  readonly source: string;
  readonly fingerprints: readonly string[];
  readonly keys: readonly HostKey[];
  readonly revoked: readonly HostKey[];
}

/** The key type stands in the blob itself, as an SSH string (RFC 4253, section 6.6). */
export function parseKeyBlob(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return { type: blob.toString('latin1', 4, 4 + length), base64: blob.toString('base64') };
}

/** `SHA256:…` without padding, as ssh-keygen -l prints it. */
export const fingerprintOf = (key: HostKey): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key.base64, 'base64')).digest('base64').replace(/=+$/, '')}`;

/** `[host]:port` unless the port is 22, as in known_hosts. */
export const knownHostsName = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${String(port)}`;

/** Pinned entries of the site file: `SHA256:…` or `ssh-ed25519 AAAA… comment`. */
export function pinnedKeys(entries: readonly string[]): TrustedKeys {
  const fingerprints: string[] = [];
  const keys: HostKey[] = [];
  for (const entry of entries) {
    const text = entry.trim();
    if (text.startsWith('SHA256:')) fingerprints.push(text.replace(/=+$/, ''));
    else {
      const [type = '', base64 = ''] = text.split(/\s+/);
      keys.push({ type, base64: Buffer.from(base64, 'base64').toString('base64') });
    }
  }
  return { source: 'ssh.hostKeys in the site file', fingerprints, keys, revoked: [] };
}

/**
 * The keys that a known_hosts file gives for a host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT):
 * plain, wildcard, negated and hashed names, `[host]:port`, `@revoked`. `@cert-authority` lines are left out,
 * because ssh2 does not speak certificates.
 */
export function knownHostsKeys(text: string, host: string, port: number, source: string): TrustedKeys {
  const keys: HostKey[] = [];
  const revoked: HostKey[] = [];
  const name = knownHostsName(host, port);
  for (const line of text.split(/\r?\n/)) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '' || fields[0]?.startsWith('#')) continue;
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [names = '', type = '', base64 = ''] = fields;
    if (base64 === '' || !matchesNames(names, name)) continue;
    const key = { type, base64: Buffer.from(base64, 'base64').toString('base64') };
    if (marker === undefined) keys.push(key);
    else if (marker === '@revoked') revoked.push(key);
  }
  return { source, fingerprints: [], keys, revoked };
}

function matchesNames(names: string, name: string): boolean {
  if (names.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = names.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  let matched = false;
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** A key of a type that is trusted under another key means: changed. Nothing trusted at all: unknown. */
export function judgeHostKey(trusted: TrustedKeys, offered: HostKey): HostKeyVerdict {
  if (trusted.revoked.some((key) => key.base64 === offered.base64)) return 'revoked';
  if (trusted.keys.some((key) => key.base64 === offered.base64)) return 'trusted';
  if (trusted.fingerprints.includes(fingerprintOf(offered))) return 'trusted';
  return trusted.keys.length + trusted.fingerprints.length > 0 ? 'changed' : 'unknown';
}

const ALGORITHMS: readonly (readonly [algorithm: string, keyType: string])[] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'ssh-rsa'],
  ['rsa-sha2-256', 'ssh-rsa'],
];

/** Host key algorithms, those of known keys first, so that the server shows a key that we can check. */
export function preferredAlgorithms(trusted: TrustedKeys): string[] {
  const known = new Set(trusted.keys.map((key) => key.type));
  const first = ALGORITHMS.filter(([, type]) => known.has(type));
  const rest = ALGORITHMS.filter(([, type]) => !known.has(type));
  return [...first, ...rest].map(([algorithm]) => algorithm);
}
