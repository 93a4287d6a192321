import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { type RunnerCall } from '../runner.js';
import { type World } from '../world.js';

/** Laid over a site file: mappings are merged key by key, `null` takes a key away, everything else replaces. */
export interface Change {
  readonly [key: string]: unknown;
}

/**
 * Writes the world's site file with a change, in a folder of its own, because two sites may not share one staging.
 * @returns how the runner is called for it
 */
export async function writeArchitecture(
  world: World,
  name: string,
  change: Change,
  site: 'acme' | 'shop-php' = 'acme',
): Promise<RunnerCall> {
  const base = parse(await readFile(path.join(world.sites, `${site}.yaml`), 'utf8')) as Change;
  const sites = path.join(world.sites, name);
  const workspace = path.join(world.workspace, name);
  await mkdir(sites, { recursive: true });
  await mkdir(workspace, { recursive: true });
  await writeFile(path.join(sites, `${site}.yaml`), stringify(overlay(base, change), { lineWidth: 0 }));
  return { sites, workspace };
}

function overlay(base: Change, change: Change): Change {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(change)) {
    const former = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isMapping(former) && isMapping(value) ? overlay(former, value) : value);
  }
  return Object.fromEntries(merged);
}

const isMapping = (value: unknown): value is Change =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A file that holds a secret, where no host of the world can read it; returns the reference for a site file. */
export async function secretFile(
  world: World,
  name: string,
  text: string,
): Promise<{ readonly file: string }> {
  const file = path.join(world.folder, 'secrets', name);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, text, { mode: 0o600 });
  return { file };
}
