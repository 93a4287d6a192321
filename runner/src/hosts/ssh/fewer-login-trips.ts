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

/** Of ssh2's connection, what being early rests on (ssh2 1: lib/client.js, messageHandlers). */
interface Handlers {
  SERVICE_ACCEPT: (protocol: unknown, name: string) => void;
  EXT_INFO: (protocol: unknown, extensions: unknown) => void;
}

/**
 * A login asks for the service that authenticates, waits, and authenticates then. A server that has that service reads
 * one message after the other (RFC 4253, section 10), so the second one need not wait for the answer to the first: a round trip
 * less. It waits for the server's list of signature algorithms (RFC 8308), without which RSA keys may sign with the wrong
 * one; servers that send it do so with the end of the key exchange. With others everything is as before.
 * @param client ssh2's, before its key exchange ends; where it is made otherwise inside, nothing is changed
 */
export function authenticateEarly(client: object | null | undefined): void {
  const protocol = (client as { readonly _protocol?: unknown } | null | undefined)?._protocol;
  const handlers = (protocol as { readonly _handlers?: unknown } | null | undefined)?._handlers;
  if (!hasService(protocol) || !hasHandlers(handlers)) return;
  const { SERVICE_ACCEPT: begin, EXT_INFO: note } = handlers;
  const ask = protocol.service.bind(protocol);
  let [asked, begun] = [false, false];
  // When the keys are exchanged and the host's is verified: before that, nothing that comes in counts.
  protocol.service = (name) => {
    ask(name);
    asked = true;
  };
  handlers.EXT_INFO = (protocol, extensions) => {
    note(protocol, extensions);
    if (!asked || begun) return;
    begun = true;
    begin(protocol, 'ssh-userauth');
  };
  handlers.SERVICE_ACCEPT = (protocol, name) => {
    if (!begun) begin(protocol, name);
    begun = true;
  };
}

const hasService = (value: unknown): value is { service: (name: string) => void } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { readonly service?: unknown }).service === 'function';

const hasHandlers = (value: unknown): value is Handlers =>
  typeof value === 'object' &&
  value !== null &&
  ['SERVICE_ACCEPT', 'EXT_INFO'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'function',
  );

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Protocol>).authPK === 'function';

/** Keys of an agent are public ones here. */
const isPrivate = (key: unknown): key is ParsedKey =>
  typeof key === 'object' &&
  key !== null &&
  typeof (key as Partial<ParsedKey>).isPrivateKey === 'function' &&
  (key as ParsedKey).isPrivateKey();
