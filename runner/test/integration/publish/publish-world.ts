import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type GitServer, startGitServer } from '../../../../sandbox/archive/archive-host.js';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { archiveOf, publishOf } from '../../../src/config/sections.js';
import { type Finding } from '../../../src/errors/index.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import { archiveRules } from '../../../src/maintenance/archive/archive-rules.js';
import { type UpdateItem } from '../../../src/maintenance/maintenance-record.js';
import { type GitRemote, openGitRemote } from '../../../src/maintenance/publish/git-remote.js';
import { GitRepository } from '../../../src/maintenance/publish/git-repository.js';
import {
  type PublishOptions,
  type PublishOutcome,
} from '../../../src/maintenance/publish/publish-options.js';
import { publishTree } from '../../../src/maintenance/publish/publish-tree.js';
import { parseRepository } from '../../../src/maintenance/publish/repository-address.js';
import { codeRules } from '../../../src/maintenance/tree/code-rules.js';
import { treeDigest } from '../../../src/maintenance/tree/tree-digest.js';
import { type ArchiveWorld, createArchiveWorld } from '../archive/archive-world.js';
import { openSigner } from '../../../src/hosts/ssh/ssh-signature.js';

/** The archive host, a git server that takes git alone, and what publishes from one to the other. */
export interface PublishWorld extends ArchiveWorld {
  readonly server: GitServer;
  readonly workDir: string;
  readonly remote: GitRemote;
  readonly steps: string[];
  readonly findings: Finding[];
  options(change?: Partial<PublishOptions>, sections?: Record<string, unknown>): Promise<PublishOptions>;
  publish(change?: Partial<PublishOptions>, sections?: Record<string, unknown>): Promise<PublishOutcome>;
  openRemote(sections?: Record<string, unknown>): Promise<GitRemote>;
  /** A clone in which a developer works; its commits are pushed at once. */
  developer(work: (folder: string, git: (...args: string[]) => string) => void): void;
}

export const item = (kind: UpdateItem['kind'], slug: string, from: string, to: string): UpdateItem => ({
  kind,
  slug,
  title: slug,
  from,
  offered: to,
  to,
  state: 'updated',
  evidence: [],
  seconds: 1,
});
export const RUN = '20261121T201500Z-3f9a1c';

/** On this machine, where a command costs a process and no channel; archive-and-publish.test.ts goes over ssh. */
export async function createPublishWorld(): Promise<PublishWorld> {
  const world = { ...(await createArchiveWorld()), archive: createLocalHost('archive', 'archive') };
  const deployKey = await generateKey(path.join(world.folder, 'keys'), 'deploy');
  const server = await startGitServer({
    folder: path.join(world.folder, 'github'),
    deployKey: deployKey.publicKey,
    name: 'acme/website',
  });
  const workDir = path.join(world.archiveHome, '.understudy/acme');
  const publishSection = {
    repository: `file://${server.repository}`,
    author: { name: 'Acme maintenance', email: 'web@acme.test' },
    key: { file: deployKey.privateKeyFile },
    hostKey: server.hostKey,
  };
  const steps: string[] = [];
  const findings: Finding[] = [];
  const signal = new AbortController().signal;
  const load = async (sections: Record<string, unknown> = {}) => {
    const site = await world.site({ publish: { ...publishSection, ...sections } });
    const [archive, settings] = [archiveOf(site), publishOf(site)];
    if (!archive || !settings) throw new Error('not configured');
    return { settings, rules: archiveRules(codeRules(site), archive) };
  };
  const openRemote = async (sections?: Record<string, unknown>): Promise<GitRemote> => {
    const { settings } = await load(sections);
    return openGitRemote({
      address: parseRepository(settings.repository),
      settings,
      host: world.archive,
      hostAddress: { kind: 'local' },
      workDir,
      route: 'tunnel',
      signal,
    });
  };
  const remote = await openRemote();
  const options: PublishWorld['options'] = async (change = {}, sections = {}) => {
    const { settings, rules } = await load(sections);
    const tree = await treeDigest(world.archive, world.efs, { rules });
    const place = { gitDir: `${workDir}/publish.git`, workTree: world.efs };
    return {
      repository: new GitRepository(
        world.archive,
        place,
        workDir,
        remote,
        signal,
        settings.signingKey && (await openSigner(settings.signingKey)),
      ),
      host: world.archive,
      tree,
      rules,
      settings,
      source: {
        run: RUN,
        title: 'Acme',
        digest: tree.digest,
        items: [item('plugin', 'akismet', '5.3', '5.3.1')],
        approval: {
          by: 'Ada Lovelace <ada@acme.test>',
          at: '2026-11-21T20:15:00Z',
          how: 'person',
          digest: tree.digest,
        },
      },
      overwrite: false,
      reporter: { step: (text) => steps.push(text), warn: (finding) => findings.push(finding) },
      signal,
      ...change,
    };
  };
  return {
    ...world,
    server,
    workDir,
    remote,
    steps,
    findings,
    options,
    publish: async (change, sections) => publishTree(await options(change, sections)),
    openRemote,
    developer: (work) => {
      developer(server.repository, work);
    },
    stop: async () => {
      await remote.close();
      await server.stop();
      await world.stop();
    },
  };
}

const environment = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Dev',
  GIT_AUTHOR_EMAIL: 'dev@acme.test',
  GIT_COMMITTER_NAME: 'Dev',
  GIT_COMMITTER_EMAIL: 'dev@acme.test',
};
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', args, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

function developer(
  repository: string,
  work: (folder: string, run: (...args: string[]) => string) => void,
): void {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-developer-'));
  try {
    git(folder, 'clone', '-q', '-b', 'main', repository, '.');
    work(folder, (...args) => git(folder, ...args));
    git(folder, 'add', '-A', '-f');
    git(folder, 'commit', '-q', '-m', 'Work of a developer');
    git(folder, 'push', '-q', 'origin', 'HEAD:main');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The digest of what a branch of the repository holds, read from a fresh clone by the same rules as any tree. */
export async function digestOfBranch(
  { server, rules }: { readonly server: GitServer; readonly rules: PublishOptions['rules'] },
  branch = 'main',
): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-clone-'));
  try {
    git(
      folder,
      '-c',
      'core.attributesFile=/dev/null',
      'clone',
      '-q',
      '--no-checkout',
      '-b',
      branch,
      server.repository,
      '.',
    );
    execFileSync(
      'sh',
      ['-c', 'echo "* -text !eol !ident !filter !working-tree-encoding" >.git/info/attributes'],
      { cwd: folder },
    );
    git(folder, 'checkout', '-q', branch);
    return (await treeDigest(createLocalHost('runner', 'clone'), folder, { rules })).digest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
