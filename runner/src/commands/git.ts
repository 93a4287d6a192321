import { type Command, readCommand, shellScript, writeCommand } from './command.js';
import { quoteWords } from './quote.js';

/** A git directory of Understudy and the tree whose files it takes; neither lies in the other. */
export interface GitTarget {
  /** Absolute, on local disk. */
  readonly gitDir: string;
  /** Absolute; on EFS nothing but the site's own files is written or looked for. */
  readonly workTree: string;
}

/** How git reaches a repository elsewhere. */
export interface GitTransport {
  readonly protocol: 'ssh' | 'https' | 'http' | 'file';
  /** Words of the ssh call; the key comes from the agent, the host key is pinned (remote-shell.ts). */
  readonly shellWords?: readonly string[];
  /** `https://host`: the only place that may be given the token, which then stands on stdin. */
  readonly tokenFor?: string;
}

/**
 * For every call: nothing that a tree, the account or the machine brings along is obeyed (git-config(1)). Filters and
 * attributes of the tree itself are switched off by `info/attributes`, which wins over every `.gitattributes`.
 */
const SETTINGS = [
  'core.bare=false',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.fileMode=true',
  'core.symlinks=true',
  'core.ignoreCase=false',
  'core.precomposeUnicode=false',
  // A plugin may hold a file with a backslash in its name; the tree is published as it is.
  'core.protectNTFS=false',
  'core.quotePath=false',
  'core.askPass=',
  'core.pager=cat',
  'core.warnAmbiguousRefs=false',
  'i18n.commitEncoding=UTF-8',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'push.gpgSign=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'credential.helper=',
  'http.followRedirects=false',
  'protocol.allow=never',
  'protocol.ext.allow=never',
] as const;

/** What `info/attributes` of our git directory holds. `!` is "not said": `-working-tree-encoding` would be an error. */
export const ATTRIBUTES = '* -text !eol !crlf !ident !filter !working-tree-encoding !merge !diff\n';

/** Answers git's question for a login once, from what stands on descriptor 9. */
const HELPER = '!f() { test "$1" = get && cat <&9; }; f';

/** Reads the token from stdin; `printf` is the shell's own, so that no process shows it. */
const WITH_TOKEN = `IFS= read -r token
printf 'username=x-access-token\\npassword=%s\\n' "$token" | { exec 9<&0 </dev/null; exec "$@"; }`;

const environment = (target: GitTarget): Readonly<Record<string, string>> => ({
  // Older versions of git know no GIT_CONFIG_GLOBAL; and curl would read ~/.netrc.
  HOME: target.gitDir,
  XDG_CONFIG_HOME: target.gitDir,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
  LC_ALL: 'C',
});

const words = (
  target: GitTarget,
  settings: readonly string[],
  args: readonly string[],
): [string, ...string[]] => [
  'git',
  `--git-dir=${target.gitDir}`,
  `--work-tree=${target.workTree}`,
  ...[...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]),
  ...args,
];

/** A call that looks at the git directory alone. */
export const gitRead = (target: GitTarget, ...args: string[]): Command<'read'> => ({
  ...readCommand(...words(target, [], args)),
  environment: environment(target),
});

/**
 * Makes the git directory (stdin: its attributes) and sets the other repository's address; removes locks that a killed
 * git left and prints them. `$1` git directory, `$2` address, then the words of a git call.
 */
const PREPARE = `umask 077
dir=$1 url=$2; shift 2
command -v git >/dev/null 2>&1 || exit 53
mkdir -p -- "$dir/info" || exit 1
find "$dir" -type f -name '*.lock' -print -exec rm -f -- {} + || exit 1
rm -f -- "$dir"/understudy-*.index
"$@" init -q --template= >&2 && cat >"$dir/info/attributes" && "$@" config remote.origin.url "$url"`;

/** Exit 53: there is no git. */
export const prepareGitDir = (target: GitTarget, url: string): Command<'write'> => ({
  ...shellScript('write', PREPARE, [target.gitDir, url, ...words(target, [], [])]),
  environment: environment(target),
});

/** A tree object of the entries on stdin, by an index that is gone afterwards. Most of them only the server may have. */
const MAKE_TREE = `"$@" update-index -z --index-info && "$@" write-tree --missing-ok
code=$?
rm -f -- "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"
exit "$code"`;

export const makeGitTree = (target: GitTarget, index: string): Command<'write'> => ({
  ...shellScript('write', MAKE_TREE, words(target, [], [])),
  environment: { ...environment(target), GIT_INDEX_FILE: index },
});

/** Writes the files of an index on stdin into a new folder and makes that a repository of its own. `$1`: the folder. */
const WRITE_ATTRIBUTES = `folder=$1; shift
rm -rf -- "$folder" && mkdir -p -- "$folder" || exit 1
"$@" update-index -z --index-info && "$@" checkout-index -a -f -q --prefix="$folder/"
code=$?
rm -f -- "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"
[ "$code" = 0 ] && git init -q --template= "$folder" >&2`;

export const writeAttributes = (target: GitTarget, folder: string): Command<'write'> => ({
  ...shellScript('write', WRITE_ATTRIBUTES, [folder, ...words(target, [], [])]),
  environment: { ...environment(target), GIT_INDEX_FILE: `${folder}.index` },
});

export interface GitAuthor {
  readonly name: string;
  readonly email: string;
}

/** A call that changes the git directory, never the work tree. */
export const gitWrite = (target: GitTarget, args: readonly string[]): Command<'write'> => ({
  ...writeCommand(...words(target, [], args)),
  environment: environment(target),
});

/** A call that speaks to the other repository (`fetch`, `push`, `ls-remote`). With `tokenFor` it reads the token from stdin. */
export function gitNetwork(
  target: GitTarget,
  transport: GitTransport,
  args: readonly string[],
): Command<'write'> {
  const { protocol, shellWords, tokenFor } = transport;
  const settings = [
    `protocol.${protocol}.allow=always`,
    ...(tokenFor === undefined ? [] : [`credential.${tokenFor}.helper=${HELPER}`]),
  ];
  const argv = words(target, settings, args);
  return {
    ...(tokenFor === undefined ? writeCommand(...argv) : shellScript('write', WITH_TOKEN, argv)),
    environment: {
      ...environment(target),
      ...(shellWords === undefined
        ? {}
        : { GIT_SSH_COMMAND: quoteWords(shellWords), GIT_SSH_VARIANT: 'ssh' }),
    },
  };
}
