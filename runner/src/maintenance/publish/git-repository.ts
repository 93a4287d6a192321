import { linesIn } from '../../basics/lines.js';
import { randomBytes } from 'node:crypto';
import {
  ATTRIBUTES,
  gitRead,
  makeGitTree,
  prepareGitDir,
  writeAttributes,
  type GitTarget,
  type GitAuthor,
} from '../../commands/git.js';
import { UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { fileNameOf, isPlainName, nulList } from '../../commands/file-names.js';
import { GitCalls, isMoved, pushFailed } from './git-calls.js';
import { type GitRemote } from './git-remote.js';
import { type Signer } from '../../hosts/ssh/ssh-signature.js';
import { commitText, tagText, type GitTree, indexInfo, parseEntries } from './git-objects.js';

/** The commit that this site's branch had when it was published last. */
const PUBLISHED = 'refs/understudy/published';
const REMOTE = 'refs/understudy/remote';
const PATHS_OF_ONE_CALL = 500;

/** Git itself on the archive host: a git directory on its local disk, with the site's folder on EFS as work tree. */
export class GitRepository {
  readonly #calls: GitCalls;

  constructor(
    readonly host: WritingHost,
    readonly target: GitTarget,
    readonly workDir: string,
    readonly remote: GitRemote,
    signal: AbortSignal,
    /** Signs commits and tags on the runner; undefined: they are not signed. */
    private readonly signer?: Signer,
  ) {
    this.#calls = new GitCalls(host, target, workDir, remote, signal);
  }

  /**
   * Makes the git directory when there is none and brings its settings up to date.
   * @returns locks that a killed git had left. None of Understudy lives: the site's lock is held, and old jobs were ended
   */
  async prepare(): Promise<readonly string[]> {
    const result = await this.host.run(prepareGitDir(this.target, this.remote.url), {
      stdin: ATTRIBUTES,
      allowedExitCodes: 'any',
      label: `prepare ${this.target.gitDir}`,
    });
    if (result.code === 0) return linesIn(result.stdout);
    const missing = result.code === 53;
    throw new UnderstudyError(
      'PUBLISH_FAILED',
      missing ? `git is missing on ${this.host.label}.` : `${this.target.gitDir} could not be made.`,
      {
        host: this.host.label,
        stderr: result.stderr,
        ...(missing ? { next: 'Install git there (Debian: apt-get install git).' } : {}),
      },
    );
  }

  /** What the repository has under the given names: full ref name → object. */
  async listRemote(...refs: string[]): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.#calls.network(
      ['ls-remote', 'origin', ...refs],
      'ask the repository for its branches',
    );
    return new Map(
      linesIn(stdout).flatMap((line) => {
        const [object, name] = line.split('\t');
        return object === undefined || name === undefined ? [] : [[name, object] as const];
      }),
    );
  }

  /**
   * Brings a branch's commits and folders, without the files in them, as far as the server allows (`--filter`); the
   * first time its last commit alone.
   * @param expected what the repository has just said that the branch is at
   * @returns the commit that it is at now
   */
  async fetch(branch: string, expected: string): Promise<string> {
    const known = await this.#calls.tryRead('rev-parse', '-q', '--verify', REMOTE);
    if (known === expected) return known;
    const depth = known === undefined ? ['--depth=1'] : [];
    const from = ['origin', `+refs/heads/${branch}:${REMOTE}`];
    await this.#calls.network(
      ['fetch', '-q', '--no-tags', '--filter=blob:none', ...depth, ...from],
      `fetch ${branch}`,
    );
    return (await this.#calls.read(['rev-parse', REMOTE])).stdout.toString().trim();
  }

  /** All commits of the branch that was fetched, still without the files in them. */
  async fetchHistory(branch: string): Promise<void> {
    if ((await this.#calls.tryRead('rev-parse', '--is-shallow-repository')) !== 'true') return;
    const from = ['origin', `+refs/heads/${branch}:${REMOTE}`];
    await this.#calls.network(
      ['fetch', '-q', '--no-tags', '--filter=blob:none', '--unshallow', ...from],
      `fetch the history of ${branch}`,
    );
  }

  /** The last commit below this one that Understudy made, by the trailer of its message; undefined where there is none. */
  async lastOfOurs(commit: string): Promise<string | undefined> {
    const args = [
      'log',
      '-n',
      '1',
      '--format=%H',
      '-E',
      '--grep=^Understudy-Run: [0-9TZ]+-[0-9a-f]+$',
      commit,
    ];
    return linesIn((await this.#calls.read(args)).stdout)[0];
  }

  /** `id name: subject` of the commits after `base` that changed one of the paths, newest first, at most ten. */
  async commitsSince(base: string, commit: string, paths: readonly string[]): Promise<string[]> {
    const range = [
      'log',
      '-n',
      '10',
      '--no-merges',
      '--no-renames',
      '--format=%h %an: %s',
      `${base}..${commit}`,
    ];
    const { stdout } = await this.#calls.read([...range, '--', ...paths.filter(isPlainName).slice(0, 50)], {
      allowedExitCodes: [0, 128],
    });
    return linesIn(stdout).map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 200));
  }

  /** Brings the content of files that only the server has, so far. */
  async fetchBlobs(objects: readonly string[]): Promise<void> {
    for (const object of objects)
      await this.#calls.network(['cat-file', 'blob', object], 'fetch a file of the repository');
  }

  /**
   * What `.gitattributes` files say of paths, as everybody who clones the repository has it: path → attribute → value.
   * The files lie in a folder of their own for that moment; nothing they name is run.
   */
  async attributes(
    files: GitTree,
    paths: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const folder = `${this.workDir}/publish-attributes`;
    await this.#calls.run(writeAttributes(this.target, folder), ['checkout-index'], {
      stdin: indexInfo(files),
    });
    const target = { gitDir: `${folder}/.git`, workTree: folder };
    const { stdout } = await this.#calls.run(
      gitRead(target, 'check-attr', '-z', '--stdin', ...names),
      ['check-attr'],
      {
        stdin: nulList(paths),
      },
    );
    const found = new Map<string, Map<string, string>>();
    const fields = fileNameOf(stdout).split('\0');
    for (let at = 0; at + 2 < fields.length; at += 3) {
      const [path = '', name = '', value = ''] = fields.slice(at, at + 3);
      const own = found.get(path) ?? new Map<string, string>();
      found.set(path, own.set(name, value));
    }
    return found;
  }

  /**
   * What git prints of these files of the index, one line each.
   * @returns `unknown`: names that no argument can hold, which were not looked at
   */
  async lookInto(
    paths: readonly string[],
    ...words: readonly string[]
  ): Promise<{ readonly found: string[]; readonly unknown: string[] }> {
    const plain = paths.filter(isPlainName);
    const found: string[] = [];
    for (let at = 0; at < plain.length; at += PATHS_OF_ONE_CALL) {
      const some = plain.slice(at, at + PATHS_OF_ONE_CALL);
      const { stdout } = await this.#calls.read([...words, '-z', '--', ...some], {
        allowedExitCodes: [0, 1],
      });
      const lines = stdout.toString().split('\0');
      found.push(...lines.filter((line) => line !== ''));
    }
    return { found, unknown: paths.filter((path) => !isPlainName(path)) };
  }

  async isAncestor(older: string, newer: string): Promise<boolean> {
    const { code } = await this.#calls.read(['merge-base', '--is-ancestor', older, newer], {
      allowedExitCodes: [0, 1, 128],
    });
    return code === 0;
  }

  async published(): Promise<string | undefined> {
    return this.#calls.tryRead('rev-parse', '-q', '--verify', `${PUBLISHED}^{commit}`);
  }
  async rememberPublished(commit: string): Promise<void> {
    await this.#calls.write(['update-ref', PUBLISHED, commit]);
  }

  /** Every file of a commit's tree. */
  async tree(commit: string): Promise<GitTree> {
    const { stdout } = await this.#calls.read(['ls-tree', '-r', '-z', '--full-tree', commit]);
    return parseEntries(fileNameOf(stdout), /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/);
  }

  /**
   * Takes exactly these files of the work tree into the index. git reads a file only when its size or times say that
   * it is another than in the last run.
   */
  async indexFiles(paths: readonly string[]): Promise<GitTree> {
    const wanted = new Set(paths);
    const gone = [...(await this.indexed()).keys()].filter((path) => !wanted.has(path));
    if (gone.length > 0)
      await this.#calls.write(['update-index', '-z', '--force-remove', '--stdin'], { stdin: nulList(gone) });
    await this.#calls.write(['update-index', '-z', '--add', '--replace', '--stdin'], {
      stdin: nulList(paths),
    });
    return this.indexed();
  }

  /** Writes the index into a new folder: what was committed, as files that can be compared. */
  async writeOut(folder: string): Promise<void> {
    await this.#calls.write(['checkout-index', '-a', '-q', `--prefix=${folder}/`]);
  }

  /** A tree object of these entries, most of which the repository has already. */
  async makeTree(entries: GitTree): Promise<string> {
    const index = `${this.target.gitDir}/understudy-${randomBytes(6).toString('hex')}.index`;
    const stdin = indexInfo(entries);
    const { stdout } = await this.#calls.run(makeGitTree(this.target, index), ['write-tree'], { stdin });
    return stdout.toString().trim();
  }

  /** @returns the commit, signed where there is a signer */
  async commit(
    tree: string,
    parent: string | undefined,
    message: string,
    author: GitAuthor,
  ): Promise<string> {
    const text = commitText({ tree, parent, message, author, sign: this.signer });
    const { stdout } = await this.#calls.write(['hash-object', '-t', 'commit', '-w', '--stdin'], {
      stdin: text,
    });
    return stdout.toString().trim();
  }

  /** An annotated tag object, signed where there is a signer. */
  async tagObject(name: string, commit: string, message: string, author: GitAuthor): Promise<string> {
    const text = tagText({ name, commit, message, author, sign: this.signer });
    const { stdout } = await this.#calls.write(['mktag'], { stdin: text });
    return stdout.toString().trim();
  }

  /** Commits of this run that a branch has already, newest first. */
  async commitsOfRun(commit: string, run: string): Promise<string[]> {
    const grep = ['--fixed-strings', `--grep=Understudy-Run: ${run}`];
    const { stdout } = await this.#calls.read(['log', '-n', '200', '--format=%H', ...grep, commit]);
    return linesIn(stdout);
  }

  /**
   * Pushes all or nothing, never forced.
   * @returns `moved` when the branch got other commits meanwhile
   * @throws PUBLISH_REJECTED with what the repository said
   */
  async push(
    refs: readonly { readonly object: string; readonly name: string }[],
  ): Promise<'pushed' | 'moved'> {
    const specs = refs.map(({ object, name }) => `${object}:${name}`);
    const args = ['push', '--porcelain', '--atomic', '--no-verify', 'origin', ...specs];
    const result = await this.#calls.askRemote('git-push', args, 'git push');
    if (result.code === 0) return 'pushed';
    const said = `${result.stdout.toString()}\n${result.stderr}`;
    if (isMoved(said)) return 'moved';
    throw pushFailed(this.host.label, said, this.signer !== undefined);
  }

  /** Packs what has piled up; nothing depends on it. */
  async prune(): Promise<void> {
    await this.#calls.write(['-c', 'gc.auto=3000', '-c', 'gc.autoDetach=false', 'gc', '--auto', '-q'], {
      allowedExitCodes: 'any',
    });
  }

  async indexed(): Promise<GitTree> {
    const { stdout } = await this.#calls.read(['ls-files', '-s', '-z']);
    return parseEntries(fileNameOf(stdout), /^(\d+) ([0-9a-f]+) \d\t([^]*)$/);
  }
}
