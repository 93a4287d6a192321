import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MariaDbServer } from '../../../../sandbox/servers/mariadb.js';
import { type BackupManifest } from '../../../src/database/manifest.js';

/** A line per table of the backup, without the schema's name. */
export async function checksumsOf(
  server: MariaDbServer,
  schema: string,
  manifest: Pick<BackupManifest, 'tables'>,
): Promise<string[]> {
  const names = manifest.tables.map(({ name }) => `\`${name.replaceAll('`', '``')}\``).join(', ');
  const lines = (await server.query(`CHECKSUM TABLE ${names} EXTENDED`, schema)).trim().split('\n');
  return lines.map((line) => line.slice(schema.length));
}

/** Changes a file of a backup as an attacker or a bug would, with a manifest that agrees. */
export async function spoilFile(
  folder: string,
  name: string,
  change: (text: string) => string,
): Promise<void> {
  const file = path.join(folder, name);
  const before = execFileSync('zstd', ['-dcq', file], { maxBuffer: 1 << 30 }).toString('latin1');
  const after = change(before);
  if (after === before) throw new Error(`nothing was changed in ${name}`);
  await replaceFile(
    folder,
    name,
    execFileSync('zstd', ['-q', '-c'], { input: Buffer.from(after, 'latin1') }),
  );
}

/** Cuts the end off a file of a backup, with a manifest that agrees. */
export async function cutFile(folder: string, name: string): Promise<void> {
  const bytes = await readFile(path.join(folder, name));
  await replaceFile(folder, name, bytes.subarray(0, bytes.length - 20));
}

async function replaceFile(folder: string, name: string, bytes: Buffer): Promise<void> {
  await writeFile(path.join(folder, name), bytes);
  const manifestFile = path.join(folder, 'manifest.json');
  const parsed = JSON.parse(await readFile(manifestFile, 'utf8')) as { files: Record<string, unknown>[] };
  for (const entry of parsed.files)
    if (entry['name'] === name)
      Object.assign(entry, { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length });
  await writeFile(manifestFile, JSON.stringify(parsed));
}
