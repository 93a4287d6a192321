import { describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import {
  fingerprintOf,
  judgeHostKey,
  knownHostsKeys,
  parseKeyBlob,
  pinnedKeys,
  preferredAlgorithms,
  type HostKey,
} from '../../../src/hosts/ssh/host-keys.js';

const blob = (type: string, body: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
};
const keyOf = (type: string, body: string): HostKey => parseKeyBlob(blob(type, body));
const ed = keyOf('ssh-ed25519', 'one');
const otherEd = keyOf('ssh-ed25519', 'two');
const rsa = keyOf('ssh-rsa', 'three');
const line = (names: string, key: HostKey): string => `${names} ${key.type} ${key.base64}\n`;
const hashed = (name: string): string => {
  const salt = Buffer.from('01234567890123456789');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('which lines of known_hosts are about a host', () => {
  const finds = (names: string, host = 'app.acme.net', port = 22): boolean =>
    knownHostsKeys(line(names, ed), host, port, 'file').keys.length === 1;
  test.each([
    ['app.acme.net', true],
    ['APP.acme.net', true],
    ['other,app.acme.net,10.0.0.1', true],
    ['*.acme.net', true],
    ['app.acme.ne?', true],
    ['*.acme.net,!app.acme.net', false],
    ['!app.acme.net', false],
    ['acme.net', false],
    ['appxacme.net', false],
    ['[app.acme.net]:22', false],
    [hashed('app.acme.net'), true],
    [hashed('other.acme.net'), false],
    ['# app.acme.net', false],
  ])('%s: %s', (names, expected) => {
    expect(finds(names)).toBe(expected);
  });
  test.each([
    ['[app.acme.net]:2222', true],
    ['app.acme.net', false],
    [hashed('[app.acme.net]:2222'), true],
    [hashed('app.acme.net'), false],
    ['[*.acme.net]:2222', true],
  ])('on port 2222, %s: %s', (names, expected) => {
    expect(finds(names, 'app.acme.net', 2222)).toBe(expected);
  });
});

describe('verdicts', () => {
  const judge = (text: string, key: HostKey): string =>
    judgeHostKey(knownHostsKeys(text, 'app', 22, 'file'), key);
  test.each([
    ['the same key', line('app', ed), ed, 'trusted'],
    ['one of several', line('app', rsa) + line('app', ed), ed, 'trusted'],
    ['another key of the type', line('app', ed), otherEd, 'changed'],
    ['another type only', line('app', rsa), ed, 'changed'],
    ['another host only', line('other', ed), ed, 'unknown'],
    ['an empty file', '', ed, 'unknown'],
    ['revoked', line('@revoked app', ed), ed, 'revoked'],
    ['revoked and listed', line('app', ed) + line('@revoked *', ed), ed, 'revoked'],
    ['a certificate authority is no host key', line('@cert-authority app', ed), ed, 'unknown'],
  ])('%s', (_name, text, key, verdict) => {
    expect(judge(text, key)).toBe(verdict);
  });
  test.each([
    ['a fingerprint', [fingerprintOf(ed)], 'trusted'],
    ['a padded fingerprint', [`${fingerprintOf(ed)}=`], 'trusted'],
    ['a whole key with a comment', [`${ed.type} ${ed.base64} root@app`], 'trusted'],
    ['another fingerprint', [fingerprintOf(otherEd)], 'changed'],
  ])('pinned: %s', (_name, entries, verdict) => {
    expect(judgeHostKey(pinnedKeys(entries), ed)).toBe(verdict);
  });
});

test('the server is asked for a type that is known', () => {
  expect(preferredAlgorithms(knownHostsKeys(line('app', rsa), 'app', 22, 'file')).slice(0, 3)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
  ]);
  expect(preferredAlgorithms(pinnedKeys([]))[0]).toBe('ssh-ed25519');
});
