import { type Mapping, valuesIn, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { SECRET_KEY } from '../secrets/secret-places.js';

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY|^PuTTY-User-Key-File/;
const URL_LOGIN = /[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]*@/i;
/** Forms that well-known services give their tokens. */
const TOKEN =
  /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|(AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|sk_(live|test)_\w{16,}|ptr_[A-Za-z0-9+/=]{20,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+)|hooks\.slack\.com\/services\/|\/api\/(stacks\/)?webhooks\/[0-9a-f-]{36}/;
const SECRET_OPTION = /^--?(p|pass|passwd|password|token|secret|api-?key)(=.+|$)|^-p\S+$/i;
const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|(token|secret|password|api-?key|auth-?key)$/i;

/** What belongs in the place of a secret. */
export const NAME_THE_SECRET =
  'write {credential: <id>}, {env: <NAME>} or {file: <path>}, and rotate the secret; it has been exposed';
const ADDRESS_HOLDS_LOGIN = 'The address holds a password.';

/** Mappings whose keys are names of other things: a column may be called `users.password`. */
const FREE_KEYS = new Set(['columns', 'network', 'pin', 'headers']);

/**
 * Site files lie in Git and name only where a secret is found. Complaints never show the value.
 * Works on one file as it was written, before anything was left out of it.
 */
export function inlineSecrets(data: Mapping): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (path: KeyPath, message: string): void => {
    const isLogin = message === ADDRESS_HOLDS_LOGIN && path.at(-1) === 'url';
    complaints.push({
      path,
      message,
      suggestion: isLogin
        ? 'take it out of the address, name it as http: { basicAuth: { env: <NAME> } }, and rotate it'
        : NAME_THE_SECRET,
    });
  };
  for (const [value, path] of valuesIn(data)) {
    const message = typeof value === 'string' ? secretIn(value, path) : undefined;
    if (message !== undefined) complain(path, message);
  }
  return complaints;
}

function secretIn(text: string, path: KeyPath): string | undefined {
  if (PRIVATE_KEY.test(text)) return 'The file contains a private key.';
  if (URL_LOGIN.test(text)) return ADDRESS_HOLDS_LOGIN;
  if (TOKEN.test(text)) return 'The file contains a token.';
  const key = String(path.at(-1));
  const parent = String(path.at(-2));
  if (parent === 'headers' && SECRET_HEADER.test(key)) return 'The header holds a secret.';
  if ((parent === 'on' || parent === 'off' || parent === 'command') && SECRET_OPTION.test(text))
    return 'The argument looks like a password.';
  // What the schema knows as a place of secrets it refuses itself; this is for keys that it does not know.
  return SECRET_KEY.test(key) && !FREE_KEYS.has(parent) && key !== 'credential' && text !== ''
    ? 'The file contains a secret.'
    : undefined;
}
