import { inRunnerHome } from '../../basics/runner-home.js';
import { Secret, SHORTEST_MASKED, UnderstudyError } from '../../errors/index.js';
import { PlainFileError, readPlainFile } from '../load/read-plain-file.js';
import { type SecretReference } from '../site.js';

export interface Login {
  readonly user: string;
  readonly password: Secret;
}

/**
 * The value behind a reference: of a login the password, of a key or file what it holds.
 * @throws SECRET_UNAVAILABLE naming the credential, variable or file; never its value
 */
export async function resolveSecret(reference: SecretReference): Promise<Secret> {
  switch (reference.source) {
    case 'env':
      return secretOf(readEnvironment(reference.env), `The variable ${reference.env}`);
    case 'file':
      return secretOf(await readSecretFile(reference.path), `The file ${reference.path}`);
    case 'credential':
      return resolveCredential(reference);
  }
}

type CredentialReference = Extract<SecretReference, { source: 'credential' }>;

async function resolveCredential(reference: CredentialReference): Promise<Secret> {
  const name = `The credential ${reference.id}`;
  switch (reference.kind) {
    case 'secret-text':
      return secretOf(readCredential(reference, reference.env), name);
    case 'username-password':
      return secretOf(readCredential(reference, `${reference.env}_PSW`), name);
    case 'ssh-key':
    case 'secret-file':
      return secretOf(await readSecretFile(readCredential(reference, reference.env)), name);
  }
}

/** User and password: a username-password credential, or `user:password` in a variable or file. */
export async function resolveLogin(reference: SecretReference): Promise<Login> {
  if (reference.source === 'credential' && reference.kind === 'username-password')
    return {
      user: readCredential(reference, `${reference.env}_USR`),
      password: await resolveSecret(reference),
    };
  const text = (await resolveSecret(reference)).reveal();
  const colon = text.indexOf(':');
  if (colon < 1) throw unavailable(`${describe(reference)} must contain user:password.`);
  return { user: text.slice(0, colon), password: secretOf(text.slice(colon + 1), describe(reference)) };
}

/** How a reference is named in a sentence: `The credential acme-database`. */
const describe = (reference: SecretReference): string =>
  reference.source === 'credential'
    ? `The credential ${reference.id}`
    : reference.source === 'env'
      ? `The variable ${reference.env}`
      : `The file ${reference.path}`;

const unavailable = (sentence: string, next?: string): UnderstudyError =>
  new UnderstudyError('SECRET_UNAVAILABLE', sentence, { next });

/** One trailing line break belongs to the file or variable, not to the secret. */
function secretOf(text: string, name: string): Secret {
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw unavailable(`${name} is empty.`);
  if (value.length < SHORTEST_MASKED)
    throw unavailable(
      `${name} is shorter than ${String(SHORTEST_MASKED)} characters.`,
      'Use a longer one: a secret this short cannot be masked in logs.',
    );
  return new Secret(value);
}

function readEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw unavailable(`The environment variable ${name} is not set.`, `Set ${name} where the runner starts.`);
  return value;
}

function readCredential(reference: CredentialReference, name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw unavailable(
    `The credential ${reference.id} (${reference.kind}) was not handed to the runner.`,
    `Under Jenkins: check that a credential with the id ${reference.id} of kind ${reference.kind} exists and that the job may use it. ` +
      `From a shell: set ${name}.`,
  );
}

async function readSecretFile(file: string): Promise<string> {
  const place = inRunnerHome(file);
  try {
    return (await readPlainFile(place, { maxBytes: 1_000_000 })).toString('utf8');
  } catch (cause) {
    if (cause instanceof PlainFileError)
      throw unavailable(`The file ${file} cannot be read: ${cause.message}.`);
    const code = (cause as NodeJS.ErrnoException).code;
    throw unavailable(
      `The file ${file} ${code === 'ENOENT' ? 'does not exist on the runner' : `cannot be read (${code ?? 'error'})`}.`,
    );
  }
}
