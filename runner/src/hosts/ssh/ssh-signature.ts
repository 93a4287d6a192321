import { createHash } from 'node:crypto';
import { type ParsedKey } from 'ssh2';
import { type SecretReference } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { parsePrivateKey, readKeyFromRunner, type ReadKey } from './ssh-identities.js';

/** Signs what git asks to be signed; the key stays in the runner's memory. @returns an armored SSH signature */
export type Signer = (text: Buffer) => string;

/** Key type → what ssh2 is asked for, and how the signature is called (RFC 8332 wants SHA-2 for RSA). */
const ALGORITHMS: Readonly<Record<string, { readonly digest?: 'sha512'; readonly name: string }>> = {
  'ssh-ed25519': { name: 'ssh-ed25519' },
  'ssh-rsa': { digest: 'sha512', name: 'rsa-sha2-512' },
};

/** A signer for git's namespace, in OpenSSH's format (PROTOCOL.sshsig). @throws SSH_KEY_UNUSABLE */
export async function openSigner(
  reference: SecretReference,
  readKey: ReadKey = readKeyFromRunner,
): Promise<Signer> {
  const found = await readKey(reference);
  const key = parsePrivateKey(found);
  const algorithm = ALGORITHMS[key.type];
  if (algorithm === undefined)
    throw new UnderstudyError(
      'SSH_KEY_UNUSABLE',
      `Commits cannot be signed with ${found.name}, a key of type ${key.type}.`,
      {
        next: 'Make one for signing: ssh-keygen -t ed25519; add it to GitHub as a signing key of the author.',
      },
    );
  return (text) => sign(key, algorithm, text);
}

const NAMESPACE = 'git';
const HASH = 'sha512';

function sign(key: ParsedKey, { digest, name }: { digest?: 'sha512'; name: string }, text: Buffer): string {
  const hash = createHash(HASH).update(text).digest();
  const about = [field(NAMESPACE), field(''), field(HASH)];
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...about, field(hash)]);
  const raw: unknown = digest === undefined ? key.sign(signed) : key.sign(signed, digest);
  if (!Buffer.isBuffer(raw))
    throw new UnderstudyError('SSH_KEY_UNUSABLE', 'Signing with the key failed.', { cause: raw });
  const version = Buffer.from([0, 0, 0, 1]);
  const signature = Buffer.concat([
    Buffer.from('SSHSIG'),
    version,
    field(key.getPublicSSH()),
    ...about,
    field(Buffer.concat([field(name), field(raw)])),
  ]);
  const lines = signature.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

/** RFC 4251, section 5: a length in four bytes, then the bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
