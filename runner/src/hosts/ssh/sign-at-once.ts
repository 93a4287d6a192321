import { type ParsedKey } from 'ssh2';

/** Of ssh2's connection, what signing at once rests on (ssh2 1: lib/protocol/Protocol.js, authPK). */
interface Protocol {
  authPK: (user: string, key: unknown, algorithm?: string, sign?: Sign) => void;
}

type Sign = (text: Buffer, done: (signature: Buffer) => void) => void;

/** Hashes of the signature algorithms that have one of their own (RFC 8332); others are named by their key. */
const HASHES: Readonly<Record<string, string>> = {
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ssh-rsa': 'sha1',
};

/**
 * A login with a key asks whether the server would take it, waits, and signs then, to spare a person a passphrase (RFC
 * 4252, section 7). Our keys are open, so the first message is the signed one: a round trip less. A server that refuses
 * the key answers as it would have answered the question.
 * @param client ssh2's, before it logs in; where it is made otherwise inside, nothing is changed
 */
export function signAtOnce(client: object | null | undefined): void {
  const protocol = (client as { readonly _protocol?: unknown } | null | undefined)?._protocol;
  if (!isProtocol(protocol)) return;
  const ask = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => {
    if (sign !== undefined || !isPrivate(key)) {
      ask(user, key, algorithm, sign);
      return;
    }
    ask(user, key, algorithm, (text, done) => {
      const signature: unknown = key.sign(text, HASHES[algorithm ?? '']);
      if (Buffer.isBuffer(signature)) done(signature);
      // ssh2 tries to sign once more when the server has said yes, and goes on to the next key or says why it cannot.
      else ask(user, key, algorithm);
    });
  };
}

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Protocol>).authPK === 'function';

/** Keys of an agent are public ones here. */
const isPrivate = (key: unknown): key is ParsedKey =>
  typeof key === 'object' &&
  key !== null &&
  typeof (key as Partial<ParsedKey>).isPrivateKey === 'function' &&
  (key as ParsedKey).isPrivateKey();
