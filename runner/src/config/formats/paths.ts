import { allOf, type Format, matching, notAnOption } from './text.js';

/** Folders of the system: never a document root, never a work folder, and nothing below them either. */
const SYSTEM_TREES = /^\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|sbin|sys)(\/|$)/;
/** Folders that hold many things; a folder below them may be a site. */
const SHARED_FOLDERS =
  /^\/(|home|media|mnt|opt|root|run|srv|tmp|usr|var|home\/[^/]+|usr\/(bin|include|lib|lib32|lib64|libexec|local|sbin|share|src)|usr\/local\/(bin|etc|lib|sbin|share)|var\/(backups|cache|lib|lib\/(docker|mysql)|local|lock|log|mail|opt|run|spool|tmp))$/;
const SAFE = /^[\p{L}\p{M}\p{N} ._@+=,~:/-]*$/u;

/** One spelling of a path: no doubled slashes, no `.`, no trailing slash. `..` is kept; it is refused elsewhere. */
export function normalizePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

/** `outer` is `inner` or a folder above it. */
export function containsPath(outer: string, inner: string): boolean {
  const [above, below] = [normalizePath(outer), normalizePath(inner)];
  return below === above || below.startsWith(above === '/' ? '/' : `${above}/`);
}

const characters: Format = (value) => {
  if (value.trim() !== value) return 'begins or ends with a space';
  return SAFE.test(value)
    ? undefined
    : 'holds a character that a path may not have here: letters, digits, spaces and . _ @ + = , ~ : / - are allowed';
};
const noDots: Format = (value) =>
  value.split('/').includes('..') ? 'holds "..": write the folder that is meant' : undefined;
const notEmpty: Format = (value) => (value.trim() === '' ? 'is empty' : undefined);
const absolute: Format = (value) =>
  value.startsWith('/') ? undefined : 'is not absolute: it must begin with a slash';
const notTheSystem: Format = (value) => {
  const path = normalizePath(value);
  if (path === '/') return 'is the whole file system';
  if (SYSTEM_TREES.test(path)) return 'lies in a folder of the operating system';
  return SHARED_FOLDERS.test(path) ? 'is a folder that holds more than this site' : undefined;
};

const common = allOf(notEmpty, notAnOption, noDots, characters);

export const absolutePath = allOf(common, absolute);
export const documentRoot = allOf(common, absolute, notTheSystem, (value) =>
  /[ ~:]/.test(value)
    ? 'contains a space, a tilde or a colon: rsync and Docker read those differently'
    : undefined,
);
/** Absolute, or below the account's home folder. */
export const workFolder: Format = (value) =>
  /^~\/./.test(value)
    ? (common(value) ??
      (/[ ~:]/.test(value.slice(1)) || normalizePath(value.slice(2)) === ''
        ? 'needs the name of a folder after ~/, without spaces, tildes and colons'
        : undefined))
    : documentRoot(value);
export const runnerPath: Format = (value) => (value.startsWith('~/') ? common(value) : absolutePath(value));
export const relativePath = allOf(common, (value) => {
  if (/^[/~]/.test(value)) return 'must be relative: without a slash or tilde in front';
  return normalizePath(value) === '' ? 'is empty' : undefined;
});
/** rsync exclude patterns; `+ `, `- `, `!`, `;` and `#` in front mean something else in a filter file. */
export const filePattern = allOf(
  notEmpty,
  notAnOption,
  noDots,
  (value) =>
    /^[+!;#.:]\s|^[!;#]/.test(value)
      ? 'begins with a character that has a meaning of its own in rsync'
      : undefined,
  matching(
    /^[\p{L}\p{M}\p{N} ._@+=,~:/*?[\]!-]+$/u,
    'holds a character that a pattern may not have: letters, digits, spaces and . _ @ + = , ~ : / * ? [ ] ! - are allowed',
  ),
  (value) => (/^[/*]*$/.test(value) ? 'would leave out everything' : undefined),
);
/** Path of a page: begins with a slash; `*` for CloudFront. */
export const pagePath = matching(
  /^\/[\p{L}\p{N}._~!$'()*+,;=:@%/?&-]*$/u,
  'must begin with a slash and contain only characters of a URL',
);
