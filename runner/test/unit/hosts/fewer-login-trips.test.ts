import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { openSshConnection } from '../../../src/hosts/ssh/open-ssh.js';
import { Secret } from '../../../src/errors/index.js';
import { authenticateEarly, signAtOnce } from '../../../src/hosts/ssh/fewer-login-trips.js';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const key = ssh2.utils.parseKey(privateKey) as ParsedKey;

/** ssh2's connection, which gives the signer a text and notes what is sent. */
function connection() {
  const sent: unknown[] = [];
  const authPK = (
    _user: string,
    _key: unknown,
    algorithm?: string,
    sign?: (...args: never[]) => void,
  ): void => {
    const note = (signature: Buffer): void => void sent.push([algorithm, signature]);
    if (sign === undefined) sent.push([algorithm, 'asked']);
    else (sign as (text: Buffer, done: (signature: Buffer) => void) => void)(Buffer.from('text'), note);
  };
  return { sent, client: { _protocol: { authPK } } };
}

test('the first message with a private key is signed, with the hash of its algorithm', () => {
  const { sent, client } = connection();
  signAtOnce(client);
  client._protocol.authPK('acme', key, 'rsa-sha2-512');
  const [[algorithm, signature]] = sent as [[string, Buffer]];
  expect(algorithm).toBe('rsa-sha2-512');
  expect(key.verify(Buffer.from('text'), signature, 'sha512')).toBe(true);
});

test('with a key that cannot sign, ssh2 asks and says itself what is wrong', () => {
  const { sent, client } = connection();
  signAtOnce(client);
  const broken = { isPrivateKey: () => true, sign: () => new Error('digest too big for rsa key') };
  client._protocol.authPK('acme', broken, 'rsa-sha2-512');
  expect(sent).toEqual([['rsa-sha2-512', 'asked']]);
});

test('a key of an agent is asked about, and what is made otherwise inside stays as it is', () => {
  const { sent, client } = connection();
  signAtOnce(client);
  client._protocol.authPK('acme', { isPrivateKey: () => false }, 'ssh-ed25519');
  expect(sent).toEqual([['ssh-ed25519', 'asked']]);
  const other = { _protocol: {} };
  for (const each of [other, undefined, null, {}]) signAtOnce(each);
  expect(other).toEqual({ _protocol: {} });
});

describe('authenticating before the service is granted', () => {
  /** ssh2's connection, which notes what it does. */
  function client() {
    const did: string[] = [];
    const note =
      (what: string) =>
      (..._args: unknown[]): void =>
        void did.push(what);
    const _handlers = { SERVICE_ACCEPT: note('authenticate'), EXT_INFO: note('algorithms') };
    return { did, _protocol: { service: note('ask for the service'), _handlers } };
  }

  test("goes on with the server's algorithms, once", () => {
    const { did, _protocol: protocol } = client();
    authenticateEarly({ _protocol: protocol });
    protocol.service('ssh-userauth');
    protocol._handlers.EXT_INFO(protocol, []);
    protocol._handlers.SERVICE_ACCEPT(protocol, 'ssh-userauth');
    protocol._handlers.EXT_INFO(protocol, []);
    expect(did).toEqual(['ask for the service', 'algorithms', 'authenticate', 'algorithms']);
  });

  test('waits for a server that sends none, and for the end of the key exchange', () => {
    const { did, _protocol: protocol } = client();
    authenticateEarly({ _protocol: protocol });
    protocol._handlers.EXT_INFO(protocol, []);
    protocol.service('ssh-userauth');
    expect(did).toEqual(['algorithms', 'ask for the service']);
    protocol._handlers.SERVICE_ACCEPT(protocol, 'ssh-userauth');
    expect(did.at(-1)).toBe('authenticate');
  });

  test('leaves what is made otherwise inside', () => {
    const other = { _protocol: { _handlers: {} } };
    for (const each of [other, {}, undefined, null]) authenticateEarly(each);
    expect(other).toEqual({ _protocol: { _handlers: {} } });
  });
});

// What the patch rests on is ssh2's inside: with a version that is made otherwise, the first message asks again.
test.each(['ed25519', 'rsa'] as const)(
  'this ssh2 logs in with one message, signed with an %s key',
  async (kind) => {
    const own = ssh2.utils.generateKeyPairSync(kind, { bits: 2048 });
    const asked: string[] = [];
    const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (login) => {
        if (login.method !== 'publickey') {
          asked.push(login.method);
          login.reject();
          return;
        }
        const { signature, blob, hashAlgo } = login;
        const verified =
          signature !== undefined &&
          blob !== undefined &&
          (ssh2.utils.parseKey(own.public) as ParsedKey).verify(blob, signature, hashAlgo);
        asked.push(`${login.method}, ${verified === true ? 'signed' : 'asked'}`);
        login.accept();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = ssh2.utils.parseKey(privateKey) as ParsedKey;
    const connection = await openSshConnection(
      'test',
      {
        kind: 'ssh',
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        user: 'deploy',
        hostKeys: [`ssh-rsa ${host.getPublicSSH().toString('base64')}`],
        key: { source: 'file', path: 'own' },
      },
      { readKey: () => Promise.resolve({ text: new Secret(own.private), name: 'own' }) },
    );
    connection.close();
    server.close();
    expect(asked).toEqual(['publickey, signed']);
  },
);
