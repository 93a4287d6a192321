import { expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { signAtOnce } from '../../../src/hosts/ssh/sign-at-once.js';

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
