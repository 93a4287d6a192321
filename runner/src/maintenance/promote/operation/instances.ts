import { randomBytes } from 'node:crypto';
import { shellScript } from '../../../commands/command.js';
import { type HostAddress, type Site } from '../../../config/site.js';
import { type SwapFolders } from '../../../content/swap/file-swap.js';
import { errorOf, isErrorFinding } from '../../../errors/index.js';
import { connectHost, expandHome } from '../../../hosts/connect-host.js';
import { discoverAddresses } from '../../../hosts/discover-hosts.js';
import { claimedHost } from '../../../hosts/guard/fenced-host.js';
import { type ReadingHost, type WritingHost } from '../../../hosts/host.js';
import { assertNotSameTree } from '../../../hosts/guard/same-tree.js';
import { type ClaimTarget, type ProductionClaim } from './claim.js';

/** One machine that serves production, with a connection that may write. Opened for a promotion alone. */
export interface ProductionInstance extends ClaimTarget {
  readonly address: HostAddress;
  /** Writes under the claim, once there is one. */
  readonly host: WritingHost;
  /**
   * `<workDir>/promotion/tree-<inode of the document root>`: the same for all instances that share one tree and one
   * work folder, and a folder of its own where they share the work folder alone.
   */
  readonly folder: string;
}

export const nameOf = (address: HostAddress): string =>
  address.kind === 'local' ? 'local' : `${address.host}:${String(address.port)}`;

export const swapFoldersOf = (site: Site, { folder }: ProductionInstance, runId: string): SwapFolders => ({
  live: site.production.path,
  workDir: folder,
  runId,
});

/** The addresses that production has now; of an autoscaled group all healthy ones. */
const productionAddresses = (site: Site): Promise<readonly HostAddress[]> =>
  site.production.address.kind === 'local'
    ? Promise.resolve([site.production.address])
    : discoverAddresses(site.production.address);

/** Argument: document root. Links followed: a release behind a link is a tree of its own. */
const TREE_KEY = 'stat -L -c %i -- "$1/."';
const treeFolder = async (host: ReadingHost, root: string, workDir: string): Promise<string> => {
  const { stdout } = await host.run(shellScript('read', TREE_KEY, [root]), { label: `look at ${root}` });
  return `${workDir}/promotion/tree-${stdout.toString().trim()}`;
};

/** Also what a killed process left; not what another one is looking at now. */
const DROP_MARKS = `rm -f -- "$1"
find . -maxdepth 1 -name '.understudy-tree-*' -type f -size 0 -mmin +60 -exec rm -f -- {} +`;

/** All instances of production that are connected; none is left behind. */
export class Instances {
  readonly #open = new Map<string, ProductionInstance>();
  /** Name of an instance → name of the first of those that show the same files. */
  readonly #leads = new Map<string, string>();
  constructor(
    private readonly site: Site,
    /** Production's work folder as the site file gives it (`~/…`), for hosts with other homes. */
    private readonly workDir: string,
    private readonly claim: ProductionClaim,
    /** For the guard that keeps staging's tree apart; undefined where nothing of staging is touched or asked. */
    private readonly staging: ReadingHost | undefined,
  ) {}

  /** Every machine, each with PHP processes of its own. */
  get all(): readonly ProductionInstance[] {
    return [...this.#open.values()];
  }

  /** One instance per tree: machines that share a file system (EFS, NFS) have one tree together. */
  get trees(): readonly ProductionInstance[] {
    return this.all.filter(({ name }) => (this.#leads.get(name) ?? name) === name);
  }

  /** The names of all that show the files of this one. */
  sharing({ name }: ProductionInstance): readonly string[] {
    return this.all.filter((one) => (this.#leads.get(one.name) ?? one.name) === name).map((one) => one.name);
  }

  /**
   * Asks again which instances there are, connects to new ones, and claims their trees.
   * @returns the new ones, and the names of those that are gone (terminated by the group)
   * @throws HOST_UNREACHABLE …: an instance that serves and cannot be reached would be left behind; PRODUCTION_BUSY
   */
  async refresh(): Promise<{
    readonly joined: readonly ProductionInstance[];
    readonly gone: readonly string[];
  }> {
    const addresses = await productionAddresses(this.site);
    const names = new Set(addresses.map(nameOf));
    const gone = [...this.#open.keys()].filter((name) => !names.has(name));
    for (const name of gone) {
      await this.#open.get(name)?.bare.close();
      this.#open.delete(name);
    }
    const missing = addresses.filter((address) => !this.#open.has(nameOf(address)));
    const joined = await Promise.all(missing.map((address) => this.#connect(address)));
    if (joined.length > 0 || gone.length > 0) await this.#group();
    await this.claim.take(this.trees.filter((tree) => this.claim.fence(tree.name) === undefined));
    return { joined, gone };
  }

  async #connect(address: HostAddress): Promise<ProductionInstance> {
    const { site, claim } = this;
    // Without the signal of the run: what undoes has to connect again after an interruption.
    const bare = await connectHost(address, { side: 'production', name: 'production application' });
    const name = nameOf(address);
    const workDir = await expandHome(bare, this.workDir);
    const folder = await treeFolder(bare, site.production.path, workDir);
    const host = claimedHost(bare, () => claim.fence(name));
    const instance = { name, address, host, bare, folder };
    this.#open.set(name, instance);
    if (this.staging === undefined) return instance;
    const findings = await assertNotSameTree(bare, site.production.path, this.staging, site.staging.path);
    const problem = findings.find(isErrorFinding);
    if (problem !== undefined) throw errorOf(problem, { host: host.label, next: undefined });
    return instance;
  }

  /**
   * Which machines show the same files: each puts an empty file of its own into the document root for a moment, and all
   * look for all of them. Devices, inodes and mount sources say it only on one machine: addresses of mounts differ, and
   * machines made from one image have the same inodes.
   */
  async #group(): Promise<void> {
    this.#leads.clear();
    const { all } = this;
    if (all.length < 2) return;
    const root = this.site.production.path;
    const marks = all.map(() => `.understudy-tree-${randomBytes(8).toString('hex')}`);
    const on = (work: string, args: (index: number) => readonly string[]): Promise<string[]> =>
      Promise.all(
        all.map(async ({ bare }, index) => {
          const script = shellScript('write', `cd -- "$1" && shift || exit 1\n${work}`, [
            root,
            ...args(index),
          ]);
          return (
            await bare.run(script, { allowedExitCodes: 'any', label: `look who shares ${root}` })
          ).stdout.toString();
        }),
      );
    // A mark that cannot be made (a full disk) is seen by nobody: these count as apart, and are done one by one.
    await on(': > "$1"', (index) => [marks[index] ?? '']);
    const seen = await on('for mark do [ -e "$mark" ] && echo "$mark"; done', () => marks);
    await on(DROP_MARKS, (index) => [marks[index] ?? '']);
    all.forEach(({ name }, index) => {
      const lead = all.find((_, other) => (seen[index] ?? '').split('\n').includes(marks[other] ?? '-'));
      this.#leads.set(name, lead?.name ?? name);
    });
  }

  async close(): Promise<void> {
    await this.claim.release();
    await Promise.allSettled(this.all.map(({ bare }) => bare.close()));
  }
}

/** `~/…` again where the folder lies in the account's home, which other instances have elsewhere. */
export const portableWorkDir = (workDir: string, home: string): string =>
  workDir.startsWith(`${home}/`) ? `~${workDir.slice(home.length)}` : workDir;
