import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveLogin, resolveSecret } from '../../../src/config/secrets/resolve-secret.js';
import { secretReference } from '../../../src/config/secrets/secret-reference.js';
import { type CredentialKind, type SecretReference } from '../../../src/config/site.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'understudy-secrets-'));
  file = path.join(folder, 'secret');
  await writeFile(file, 'from-file\n', { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const credential = (kind: CredentialKind): SecretReference =>
  secretReference({ credential: 'acme-db.1', kind }) as SecretReference;
const environment = (): Record<string, string> => ({
  UNDERSTUDY_CREDENTIAL_ACME_DB_1: 'the-text',
  UNDERSTUDY_CREDENTIAL_ACME_DB_1_USR: 'user',
  UNDERSTUDY_CREDENTIAL_ACME_DB_1_PSW: 'the-password',
  PLAIN: 'user:pass:word',
  SHORT: 'abc',
  EMPTY: '',
});
const reveal = async (reference: SecretReference, more: Record<string, string> = {}): Promise<string> => {
  Object.assign(process.env, environment(), more);
  return (await resolveSecret(reference)).reveal();
};

test('each source gives its value', async () => {
  expect(await reveal(credential('secret-text'))).toBe('the-text');
  expect(await reveal(credential('username-password'))).toBe('the-password');
  expect(await reveal(credential('secret-file'), { UNDERSTUDY_CREDENTIAL_ACME_DB_1: file })).toBe(
    'from-file',
  );
  expect(await reveal({ source: 'env', env: 'PLAIN' })).toBe('user:pass:word');
  expect(await reveal({ source: 'file', path: file })).toBe('from-file');
});

test('logins', async () => {
  Object.assign(process.env, environment());
  const byCredential = await resolveLogin(credential('username-password'));
  expect([byCredential.user, byCredential.password.reveal()]).toEqual(['user', 'the-password']);
  const byVariable = await resolveLogin({ source: 'env', env: 'PLAIN' });
  expect([byVariable.user, byVariable.password.reveal()]).toEqual(['user', 'pass:word']);
  await expect(resolveLogin(credential('secret-text'))).rejects.toThrow(
    'The credential acme-db.1 must contain user:password.',
  );
});

const missing: readonly (readonly [string, SecretReference, string])[] = [
  [
    'unknown credential',
    { source: 'credential', id: 'nope', kind: 'secret-text', env: 'UNDERSTUDY_CREDENTIAL_NOPE' },
    'The credential nope (secret-text) was not handed to the runner.',
  ],
  ['unset variable', { source: 'env', env: 'UNSET' }, 'The environment variable UNSET is not set.'],
  ['empty variable', { source: 'env', env: 'EMPTY' }, 'The variable EMPTY is empty.'],
  ['short', { source: 'env', env: 'SHORT' }, 'The variable SHORT is shorter than 4 characters.'],
  ['no file', { source: 'file', path: '/nowhere/x' }, 'The file /nowhere/x does not exist on the runner.'],
];
test.each(missing)('%s', async (_, reference, message) => {
  await expect(reveal(reference)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE', exitCode: 3, message });
});
