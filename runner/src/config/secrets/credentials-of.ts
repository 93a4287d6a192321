import { isMapping, valuesIn } from '../mapping.js';
import { looksLikeSecret, secretReference } from './secret-reference.js';
import { type CredentialKind, type SecretReference, type Site } from '../site.js';

/** What the Jenkins bridge binds before the runner starts. */
export interface CredentialBinding {
  readonly id: string;
  readonly kind: CredentialKind;
  /** Name of the environment variable; see {@link CredentialKind} for what stands in it and beside it. */
  readonly env: string;
}

/** The kind that a place needs, by the key it stands under, when the file does not say. */
export const usualKind = (key: string): CredentialKind =>
  key === 'key' || key === 'signingKey'
    ? 'ssh-key'
    : key === 'basicAuth' || key === 'login'
      ? 'username-password'
      : 'secret-text';

/** Every Jenkins credential that a site refers to, each once, by id. */
export function credentialsOf(site: Site): CredentialBinding[] {
  const found = new Map<string, CredentialBinding>();
  for (const [value, path] of valuesIn(site)) {
    if (!isMapping(value)) continue;
    const key = path.findLast((part) => typeof part === 'string') ?? '';
    const reference = isReference(value)
      ? value
      : looksLikeSecret(value)
        ? secretReference(value, usualKind(key))
        : undefined;
    if (reference?.source !== 'credential') continue;
    const { id, kind, env } = reference;
    found.set(`${id} ${kind}`, { id, kind, env });
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

const isReference = (value: object): value is SecretReference =>
  'source' in value && (value.source === 'credential' || value.source === 'env' || value.source === 'file');
