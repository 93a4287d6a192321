import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

/** A second opinion: what of a site is code, and its digest, told without the product's own rules and code. */
export interface CodeTree {
  /** SHA-256 over kind, content and path of every file, sorted. */
  readonly digest: string;
  readonly files: readonly string[];
}

const CODE_FOLDERS = [
  'wp-admin',
  'wp-includes',
  'wp-content/plugins',
  'wp-content/themes',
  'wp-content/mu-plugins',
  'wp-content/languages',
];
/** Lie beside the code and belong to one server, or to staging alone. */
const NO_CODE = /(?:^|\/)(?:\.git|understudy[^/]*|staging-banner\.php)(?:\/|$)/;

/** Reads the code below a document root, an archive or a clone. */
export async function readCode(root: string): Promise<CodeTree> {
  const inFolders = await Promise.all(CODE_FOLDERS.map((folder) => filesBelow(root, folder)));
  const files = [...(await rootFiles(root)), ...inFolders.flat()]
    .filter((file) => !NO_CODE.test(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${await identity(path.join(root, file))} ${file}\n`);
  return { digest: hash.digest('hex'), files };
}

/** WordPress' own files; `wp-config.php` is the server's. */
const rootFiles = async (root: string): Promise<string[]> =>
  (await readdir(root)).filter(
    (name) =>
      /^(?:(?:index|xmlrpc|wp-[a-z-]+)\.php|license\.txt|readme\.html)$/.test(name) &&
      name !== 'wp-config.php',
  );

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const name = `${folder}/${entry.name}`;
      return entry.isDirectory() ? await filesBelow(root, name) : [name];
    }),
  );
  return found.flat();
}

async function identity(file: string): Promise<string> {
  const facts = await lstat(file);
  const hash = createHash('sha256');
  if (facts.isSymbolicLink()) return `link ${hash.update(await readlink(file)).digest('hex')}`;
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `${(facts.mode & 0o100) === 0 ? 'file' : 'program'} ${hash.digest('hex')}`;
}
