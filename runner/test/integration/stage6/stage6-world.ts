import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { ensureBundle, type RunnerResult, runUnderstudy } from '../../../../sandbox/runner.js';
import { databaseFingerprint, filesFingerprint } from '../../../../sandbox/world/fingerprint.js';
import { runPhp } from '../../../../sandbox/world/php.js';
import { createWorld, type Page, type World, type WorldOptions } from '../../../../sandbox/world.js';

/** A world with a workspace, and the bundle to run in it. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  await ensureBundle();
  const world = await createWorld(options);
  return world;
}

export const understudy = (world: World, ...words: string[]): Promise<RunnerResult> =>
  runUnderstudy({ sites: world.sites, workspace: world.workspace }, ...words);

/** Exit code, and what the runner said where it is not the wanted one: a test that fails shows why. */
export function outcome({ code, stdout, stderr }: RunnerResult, wanted = 0): object {
  return code === wanted ? { code } : { code, stdout, stderr };
}

export interface WrittenOutcome {
  readonly run: string;
  readonly exitCode: number;
  readonly error?: { readonly code: string };
}

export const result = (world: World): WrittenOutcome =>
  JSON.parse(readFileSync(path.join(world.workspace, 'acme/result.json'), 'utf8')) as WrittenOutcome;

/** SQL on the schema that a side serves; rows as tab-separated lines. */
export async function rows(world: World, side: 'production' | 'staging', sql: string): Promise<string[]> {
  const text = await world[side].server.query(sql, world[side].database);
  return text.split('\n').filter((line) => line !== '');
}

export type SiteFile = Record<string, Record<string, unknown>>;

/** Changes `sites/acme.yaml`. */
export function changeSite(world: World, change: (site: SiteFile) => void): void {
  const file = path.join(world.sites, 'acme.yaml');
  const site = parse(readFileSync(file, 'utf8')) as SiteFile;
  change(site);
  writeFileSync(file, stringify(site, { lineWidth: 0 }));
}

export const homePage = (world: World): Promise<Page> => world.get(world.staging, '/');

/** Staging as a document root with nothing but wp-config.php, and a database without a table. */
export async function emptyStaging({ staging }: World): Promise<void> {
  const { root, server, database } = staging;
  for (const name of readdirSync(root))
    if (name !== 'wp-config.php') rmSync(path.join(root, name), { recursive: true });
  await server.query(`DROP DATABASE ${database}; CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
}

/** What WordPress of staging is, asked by PHP itself. */
export const inWordPress = ({ staging }: World, code: string): Promise<string> =>
  runPhp(staging.root, [
    '-r',
    `$_SERVER['HTTP_HOST'] = 'staging.acme.test'; $_SERVER['REQUEST_URI'] = '/'; require 'wp-load.php'; ${code}`,
  ]);

/** Files and tables of staging; not when folders were written to. */
export async function stagingNow({ staging }: World): Promise<string> {
  const { root, server, database } = staging;
  const lines = (await filesFingerprint(root)).replaceAll(/^d (\d+) \d+ [\d.]+ /gm, 'd $1 ').split('\n');
  // They came sorted by what is no longer in them.
  const files = lines.sort().join('\n');
  const tables = await server.query('SHOW TABLES', database);
  if (tables === '') return files;
  return files + (await databaseFingerprint(staging)).split('---\n').slice(3).join('');
}
