import { type HostAddress, type Site } from '../../config/site.js';
import { type SwapFolders } from '../../content/file-swap.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectHost, expandHome } from '../../hosts/connect-host.js';
import { discoverAddresses } from '../../hosts/discover-hosts.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { assertNotSameTree } from '../../hosts/live-guard.js';

/** One machine that serves production, with a connection that may write. Opened for a promotion alone. */
export interface ProductionInstance {
  /** `10.0.0.5:22`, or `local`. */
  readonly name: string;
  readonly address: HostAddress;
  readonly host: WritingHost;
  /** `<workDir>`, absolute on that host. */
  readonly workDir: string;
  /** `<workDir>/promotion/<name>`: a folder of its own even where instances share a home. */
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
const productionAddresses = (site: Site, signal: AbortSignal): Promise<readonly HostAddress[]> =>
  site.production.address.kind === 'local'
    ? Promise.resolve([site.production.address])
    : discoverAddresses(site.production.address, { signal });

/** All instances of production that are connected; none is left behind. */
export class Instances {
  readonly #open = new Map<string, ProductionInstance>();
  constructor(
    private readonly site: Site,
    /** Production's work folder as the site file gives it (`~/…`), for hosts with other homes. */
    private readonly workDir: string,
    private readonly staging: ReadingHost,
    private readonly signal: AbortSignal,
  ) {}

  get all(): readonly ProductionInstance[] {
    return [...this.#open.values()];
  }

  /**
   * Asks again which instances there are and connects to new ones.
   * @returns the new ones, and the names of those that are gone (terminated by the group)
   * @throws HOST_UNREACHABLE …: an instance that serves and cannot be reached would be left behind
   */
  async refresh(): Promise<{
    readonly joined: readonly ProductionInstance[];
    readonly gone: readonly string[];
  }> {
    const addresses = await productionAddresses(this.site, this.signal);
    const names = new Set(addresses.map(nameOf));
    const gone = [...this.#open.keys()].filter((name) => !names.has(name));
    for (const name of gone) {
      await this.#open.get(name)?.host.close();
      this.#open.delete(name);
    }
    const missing = addresses.filter((address) => !this.#open.has(nameOf(address)));
    const joined = await Promise.all(missing.map((address) => this.#connect(address)));
    return { joined, gone };
  }

  async #connect(address: HostAddress): Promise<ProductionInstance> {
    const { site, signal } = this;
    const host = await connectHost(address, { side: 'production', name: 'production application', signal });
    const name = nameOf(address);
    const workDir = await expandHome(host, this.workDir);
    const instance = {
      name,
      address,
      host,
      workDir,
      folder: `${workDir}/promotion/${name.replace(/[^A-Za-z0-9.-]/g, '_')}`,
    };
    this.#open.set(name, instance);
    const findings = await assertNotSameTree(host, site.production.path, this.staging, site.staging.path);
    const problem = findings.find(({ severity }) => severity === 'error');
    if (problem !== undefined) throw new UnderstudyError(problem.code, problem.message, { host: host.label });
    return instance;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.all.map(({ host }) => host.close()));
  }
}

/** `~/…` again where the folder lies in the account's home, which other instances have elsewhere. */
export const portableWorkDir = (workDir: string, home: string): string =>
  workDir.startsWith(`${home}/`) ? `~${workDir.slice(home.length)}` : workDir;
