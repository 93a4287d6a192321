import { isMapping, type Mapping, textOf } from '../mapping.js';
import { type CredentialKind, type SecretReference } from '../site.js';

/** The environment variable that carries a Jenkins credential: `UNDERSTUDY_CREDENTIAL_ACME_DATABASE`. */
const credentialEnvironmentName = (id: string): string =>
  `UNDERSTUDY_CREDENTIAL_${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

const isCredentialKind = (value: unknown): value is CredentialKind =>
  value === 'secret-text' || value === 'username-password' || value === 'ssh-key' || value === 'secret-file';

/**
 * `{credential, kind}`, `{env}` or `{file}` of a site file as a reference; undefined for anything else.
 * @param usual what kind of credential the place needs when the file does not say
 */
export function secretReference(
  raw: unknown,
  usual: CredentialKind = 'secret-text',
): SecretReference | undefined {
  if (!isMapping(raw)) return undefined;
  const id = textOf(raw['credential']);
  const env = textOf(raw['env']);
  const file = textOf(raw['file']);
  if (id !== undefined) {
    const kind = isCredentialKind(raw['kind']) ? raw['kind'] : usual;
    return { source: 'credential', id, kind, env: credentialEnvironmentName(id) };
  }
  if (env !== undefined) return { source: 'env', env };
  return file === undefined ? undefined : { source: 'file', path: file };
}

/** A mapping that is a secret reference, right or not: it has one of the three keys and nothing else but `kind`. */
export const looksLikeSecret = (value: unknown): value is Mapping =>
  isMapping(value) &&
  ['credential', 'env', 'file'].some((key) => key in value) &&
  Object.keys(value).every((key) => ['credential', 'env', 'file', 'kind'].includes(key));
