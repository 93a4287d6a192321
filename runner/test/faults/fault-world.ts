import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { leftovers, processesOfRuns } from '../../../sandbox/architectures/observe.js';
import { ensureBundle } from '../../../sandbox/runner.js';
import { type CutProxy, startCutProxy } from '../../../sandbox/servers/cut-proxy.js';
import { startMariaDb } from '../../../sandbox/servers/mariadb.js';
import { databaseFingerprint, filesFingerprint } from '../../../sandbox/world/fingerprint.js';
import { createWorld, type World } from '../../../sandbox/world.js';
import { installPlugins, offerUpdates, wpStandIn } from '../../../sandbox/wordpress-updates/packages.js';
import { publishVersion } from '../integration/pages/busy-client.js';

export const run = promisify(execFile);

export type Mode = 'swap' | 'replace';
export type Machine = 'production' | 'staging' | 'runner' | 'database';

/** What staging serves, asked over HTTP by nobody's code but the site's own. */
export interface Served {
  /** Season of the code and of the rows; undefined where no page told it. */
  readonly code?: number;
  readonly rows?: number;
  /** The maintenance page. */
  readonly page: boolean;
  readonly status: number;
}

/** Plugins with a new version for staging: one of code alone, one that changes its table. */
const UPDATED = ['acme-good', 'acme-seats'];
const MAINTENANCE = {
  wp: wpStandIn,
  checks: { paths: ['/'], maxPages: 1 },
  approve: { policy: 'when-green' },
};

/** Seconds without a sign of life after which a run has lost its lock. */
export const LEASE_SECONDS = 6;

/** One world in which row after row is tried: each publishes a new season on production, and the last act of each is a sync. */
export class FaultWorld {
  /** What production is at, and what staging was last seen serving. */
  season = 1;
  #database: { stop(): Promise<void> } | undefined;

  private constructor(
    readonly mode: Mode,
    readonly world: World,
    /** Between the runner and each machine. */
    readonly links: Readonly<Record<'production-app' | 'production-db' | 'staging', CutProxy>>,
    /** Programs that come first on staging's and production's PATH. */
    readonly programs: string,
    readonly disks: boolean,
  ) {}

  /** @param disks whether each machine has a disk of its own that can be filled; needs root */
  static async create(mode: Mode, { disks }: { readonly disks: boolean }): Promise<FaultWorld> {
    await ensureBundle();
    const programs = await mkdtemp(path.join(os.tmpdir(), 'understudy-programs-'));
    const PATH = `SetEnv PATH="${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`;
    const world = await createWorld({
      size: 'tiny',
      stagingMode: mode,
      siteFile: { run: { heartbeat: `${String(LEASE_SECONDS)}s` }, maintenance: MAINTENANCE },
      sshd: { staging: [PATH], 'production-app': [PATH], 'production-db': [PATH] },
      ...(disks
        ? { disks: { staging: 900, 'production-db': 200, 'production-app': 400, 'staging-data': 500 } }
        : {}),
    });
    await writeFile(path.join(programs, 'date'), DATE(programs));
    await chmod(path.join(programs, 'date'), 0o755);
    const link = (name: keyof World['hosts']): Promise<CutProxy> => startCutProxy(world.hosts[name]);
    const links = {
      'production-app': await link('production-app'),
      'production-db': await link('production-db'),
      staging: await link('staging'),
    };
    const faultWorld = new FaultWorld(mode, world, links, programs, disks);
    faultWorld.#throughLinks();
    if (disks) await run('mount', ['-t', 'tmpfs', '-o', 'size=30m', 'understudy-sandbox', world.workspace]);
    for (const { root } of [world.production, world.staging])
      await writeFile(path.join(root, 'wp-content/mu-plugins/acme-short.php'), SHORT_PAGE);
    await installPlugins(world.production.root, world.production.url, UPDATED);
    await offerUpdates(world.staging.root, UPDATED);
    await faultWorld.publish();
    return faultWorld;
  }

  #throughLinks(): void {
    const file = path.join(this.world.sites, 'acme.yaml');
    let text = readFileSync(file, 'utf8');
    for (const name of ['production-app', 'production-db', 'staging'] as const)
      text = text.replaceAll(
        `port: ${String(this.world.hosts[name].port)}\n`,
        `port: ${String(this.links[name].port)}\n`,
      );
    writeFileSync(file, text);
  }

  /** The site file with another link than the usual one: as from another agent, whose network works. */
  sitesOfAnotherAgent(): string {
    const folder = path.join(this.world.folder, 'sites', '..', 'sites-other');
    mkdirSync(folder, { recursive: true });
    const site = parse(readFileSync(path.join(this.world.sites, 'acme.yaml'), 'utf8')) as {
      staging: { ssh: { port: number } };
    };
    site.staging.ssh.port = this.world.hosts.staging.port;
    writeFileSync(path.join(folder, 'acme.yaml'), stringify(site, { lineWidth: 0 }));
    return folder;
  }

  /** Production's code and rows become the next season's: files changed, new and gone. */
  async publish(): Promise<number> {
    this.season += 1;
    const late = path.join(this.world.production.root, 'wp-content/acme-late');
    await publishVersion(this.world, this.season, 40);
    rmSync(path.join(late, `only-${String(this.season - 1)}.php`), { force: true });
    writeFileSync(path.join(late, `only-${String(this.season)}.php`), '<?php // goes with the next season\n');
    return this.season;
  }

  async served(): Promise<Served> {
    const { status, body } = await this.world.get(this.world.staging, '/?version=1').catch(() => ({
      status: 0,
      body: '',
    }));
    const [, early, late, first, last] = /V:(\d+):(\d+):(\d+):(\d+):V/.exec(body) ?? [];
    if (early === undefined) return { page: status === 503 && /maintenance/i.test(body), status };
    return {
      page: false,
      status,
      ...(early === late ? { code: Number(early) } : {}),
      ...(first === last ? { rows: Number(first) } : {}),
    };
  }

  /** All of production, its own backup folder aside. */
  async production(): Promise<string> {
    const { production, hosts } = this.world;
    const folders = ['production-app', 'production-db'] as const;
    const trees = await Promise.all([
      filesFingerprint(production.root),
      ...folders.map((name) => filesFingerprint(hosts[name].home)),
    ]);
    const outside = trees.map((tree) =>
      tree
        .split('\n')
        .filter((line) => !line.includes(' ./.understudy') && !/^d .* \. ->/.test(line))
        .join('\n'),
    );
    return [await databaseFingerprint(production), ...outside].join('---\n');
  }

  /** Files and rows of staging as they lie there, whatever is served. */
  async staging(): Promise<string> {
    const { staging } = this.world;
    const files = (await filesFingerprint(staging.root)).replaceAll(/^d (\d+) \d+ [\d.]+ /gm, 'd $1 ');
    return (
      files.split('\n').sort().join('\n') +
      (await databaseFingerprint(staging)).split('---\n').slice(3).join('')
    );
  }

  /** What staging has otherwise than a copy of production would: files by digest, tables by rows. */
  async notCopied(): Promise<string[]> {
    const { production, staging } = this.world;
    const [wanted, found] = await Promise.all([digests(production.root), digests(staging.root)]);
    const problems: string[] = [];
    for (const [name, digest] of wanted)
      if (!OWN_FILES.test(name) && found.get(name) !== digest)
        problems.push(`file ${name} is not production's`);
    for (const name of found.keys())
      if (!OWN_FILES.test(name) && !wanted.has(name)) problems.push(`file ${name} should be gone`);
    const [rows, copied] = await Promise.all([countRows(production), countRows(staging)]);
    for (const [table, count] of rows)
      if (!/options|user|counters/.test(table) && copied.get(table) !== count)
        problems.push(`table ${table} has ${copied.get(table) ?? 'no'} rows, not ${count}`);
    for (const table of copied.keys()) if (!rows.has(table)) problems.push(`table ${table} should be gone`);
    return problems.slice(0, 10);
  }

  /** Plugins that the updates should have brought to their new version, in code and in the database. */
  async notUpdated(): Promise<string[]> {
    const { root, server, database } = this.world.staging;
    const code = UPDATED.filter(
      (slug) =>
        !/Version: 1\.1/.test(
          readFileSync(path.join(root, 'wp-content/plugins', slug, `${slug}.php`), 'utf8'),
        ),
    );
    const columns = await server.query("SHOW COLUMNS FROM wp_acme_seats LIKE 'price'", database);
    return [...code, ...(columns === '' ? ['the table of acme-seats'] : [])];
  }

  /** What no run may leave: processes, lock, journal, page, half-made copies of files and schemas. */
  async left(): Promise<string[]> {
    const { server, database } = this.world.staging;
    const schemas = (
      await server.query(`SHOW DATABASES LIKE '${database.replaceAll('_', '\\_')}\\_understudy\\_%'`)
    )
      .split('\n')
      .filter((name) => name !== '' && !name.includes('_understudy_old_'));
    const { stdout } = await run('find', [
      path.join(this.world.hosts.staging.home, '.understudy'),
      ...[
        '(',
        '-name',
        'incoming',
        '-o',
        '-name',
        '*.new',
        '-o',
        '-name',
        '*.understudy-new',
        '-o',
        '-name',
        '*.tmp',
        ')',
      ],
      ...['-not', '-empty'],
    ]).catch(() => ({ stdout: '' }));
    return [...(await leftovers(this.world)), ...schemas, ...stdout.split('\n').filter(Boolean)];
  }

  processes(): Promise<string[]> {
    return processesOfRuns(this.world);
  }

  /** @param kill as a machine that loses its power, not politely */
  async restartDatabase(kill: boolean, pauseMs = 0): Promise<void> {
    const { server } = this.world.staging;
    if (kill) process.kill(Number(readFileSync(path.join(server.folder, 'mariadb.pid'), 'utf8')), 'SIGKILL');
    await (this.#database ?? server).stop();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    this.#database = await startMariaDb({
      folder: server.folder,
      port: server.port,
      config: ['--event-scheduler=ON'],
    });
  }

  /** Staging's work folder, seen past the product. */
  work(...names: string[]): string {
    return path.join(this.world.hosts.staging.home, '.understudy/acme', ...names);
  }

  /** The newest run's folder on staging. */
  runFolder(): string {
    const [newest = ''] = readdirSync(this.work('runs')).sort().reverse();
    return this.work('runs', newest);
  }

  /** Where a file lies that fills a machine's disk to the last byte. */
  filler(machine: Machine): string {
    const { hosts, workspace, staging } = this.world;
    const folders: Record<Machine, string> = {
      production: hosts['production-db'].folder,
      staging: hosts.staging.folder,
      runner: workspace,
      database: staging.server.folder,
    };
    return path.join(folders[machine], 'filler');
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.links).map((link) => link.stop()));
    await this.#database?.stop();
    if (this.disks) await run('umount', ['-l', this.world.workspace]);
    await this.world.stop();
    rmSync(this.programs, { recursive: true, force: true });
  }
}

/** One short page for everybody who does not ask for the version: hundreds of syncs follow. */
const SHORT_PAGE = `<?php
add_action( 'template_redirect', function () {
	if ( isset( $_GET['version'] ) ) { return; }
	echo '<!doctype html><title>' . esc_html( get_bloginfo( 'name' ) ) . '</title><a href="' . esc_url( home_url( '/?p=1' ) ) . '">more</a>';
	exit;
}, 0 );
`;

/** Staging's or production's clock, off by as much as `clock` in the same folder says. */
const DATE = (folder: string): string => `#!/bin/sh
[ -e ${folder}/clock ] && exec /bin/date -d "$(cat ${folder}/clock)" "$@"
exec /bin/date "$@"
`;

/** What belongs to one side alone, or is generated there. */
const OWN_FILES =
  /wp-config\.php$|^\.htaccess|^\.env|^robots\.txt|wp-content\/uploads\/|\.git\/|mu-plugins\/(staging-banner|understudy)|^\.maintenance|-only-on-staging/;

async function digests(root: string): Promise<Map<string, string>> {
  const script = 'cd "$1" && find . -type f -print0 | xargs -0 -r sha1sum';
  const { stdout } = await run('sh', ['-c', script, 'sh', root], { maxBuffer: 64_000_000 });
  return new Map(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(44), line.slice(0, 40)] as const),
  );
}

async function countRows({ server, database }: World['staging']): Promise<Map<string, string>> {
  const names = (await server.query("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'", database))
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '');
  const counts = names
    .map((name) => `SELECT '${name}', COUNT(*) FROM \`${name.replaceAll('`', '``')}\``)
    .join(' UNION ALL ');
  const lines = (await server.query(counts, database)).split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split('\t') as [string, string]));
}
