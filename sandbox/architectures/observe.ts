import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunId } from '../../runner/src/run/run-id.js';
import { runUnderstudy, type RunnerCall, type RunnerResult } from '../runner.js';
import { databaseFingerprint, filesFingerprint } from '../world/fingerprint.js';
import { type World } from '../world.js';

/** Runs the bundled runner; throws with all that it said when its exit code is another one. */
export async function expectExit(
  code: number,
  call: RunnerCall,
  ...words: readonly string[]
): Promise<RunnerResult> {
  const result = await runUnderstudy(call, ...words);
  if (result.code === code) return result;
  throw new Error(
    `understudy ${words.join(' ')}: exit code ${result.code}, not ${code}\n${result.stdout}\n${result.stderr}`,
  );
}

/**
 * All that lies on the world's hosts and in their databases: files with times and digests, schemas, accounts, rows.
 * What sshd and the database servers write for themselves is left out.
 */
export async function everything(world: World): Promise<Readonly<Record<string, string>>> {
  const { production, staging, hosts } = world;
  const parts: Record<string, string> = {
    'production database': await databaseFingerprint(production),
    'staging database': await databaseFingerprint(staging),
  };
  for (const { name, folder } of Object.values(hosts)) {
    for (const part of await readdir(folder)) {
      if (part !== 'sshd') parts[`${name} ${part}`] = await filesFingerprint(path.join(folder, part));
    }
  }
  return parts;
}

/** Staging as visitors and its administrators see it: pages, and the rows and files that a sync would replace. */
export async function served(world: World): Promise<Readonly<Record<string, string>>> {
  const { root, server, database } = world.staging;
  const parts: Record<string, string> = {};
  for (const page of ['/', '/tickets/']) {
    const { status, body } = await world.get(world.staging, page);
    parts[page] = `${status} ${/<title>([^<]*)/.exec(body)?.[1] ?? ''}`;
  }
  parts['code'] = await readFile(path.join(root, 'wp-content/mu-plugins/acme-code.php'), 'utf8');
  parts['schemas'] = await server.query("SHOW DATABASES LIKE 'acme\\_staging'");
  parts['posts'] = await server.query('SELECT COUNT(*), SUM(CRC32(post_content)) FROM wp_posts', database);
  parts['options'] = await server.query(
    "SELECT option_value FROM wp_options WHERE option_name IN ('blogname', 'home', 'siteurl') ORDER BY option_name",
    database,
  );
  return parts;
}

/** What programs of a site are: their names, or words that only the runner's own remote scripts have. */
const SERVERS = /^(perl \S*watchdog\.pl|php\S* |\S*mariadbd |sshd|\S*\/sshd |unshare |dockerd|\S*containerd)/;

/** Ids of the world's runs: the runner's workspace, and staging, have a folder for each. */
async function runsOf({ workspace, hosts }: World): Promise<ReadonlySet<string>> {
  const folders = [workspace, path.join(hosts.staging.home, '.understudy')];
  const names = await Promise.all(
    folders.map((folder) => readdir(folder, { recursive: true }).catch((): string[] => [])),
  );
  return new Set(
    names
      .flat()
      .map((name) => path.basename(name))
      .filter(isRunId),
  );
}

/**
 * Command lines of all processes of this machine (all hosts and containers of the world are on it) that belong to a
 * run of this world: they name its folder or one of its runs, and are no server. Other worlds may be at work beside it.
 */
export async function processesOfRuns(world: World): Promise<string[]> {
  const found: string[] = [];
  const runs = await runsOf(world);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ');
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    const ours =
      line.includes(path.join(world.folder, 'hosts')) ||
      environment.includes(`HOME=${path.join(world.folder, 'hosts')}`) ||
      runs.has(/(?:^|\0)UNDERSTUDY_JOB=([^\0]*)/.exec(environment)?.[1] ?? '');
    if (ours && !SERVERS.test(line) && line !== '') found.push(`${pid} ${line.slice(0, 300)}`);
  }
  return found;
}

/** Nothing of a run is left: no process on any host, no lock, no maintenance page. */
export async function leftovers(world: World): Promise<string[]> {
  const found = await processesOfRuns(world);
  const names = await readdir(world.hosts.staging.home, { recursive: true }).catch(() => []);
  found.push(...names.filter((name) => /(^|\/)(lock|journal\.json)$/.test(name)));
  found.push(...names.filter((name) => /\/jobs\/.*\.pid$/.test(name)));
  const root = await readdir(world.staging.root);
  return [...found, ...root.filter((name) => name === '.maintenance')];
}
