import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The stand-in for WP-CLI; goes into the site file as `maintenance.wp`. */
export const wpStandIn = path.join(path.dirname(fileURLToPath(import.meta.url)), 'wp');

const header = (name: string, version: string): string =>
  `<?php\n/*\nPlugin Name: ${name}\nVersion: ${version}\n*/\n`;

/** A plugin with a table, which it brings up to date on the first visit of the back end. */
const withTable = (title: string, version: string, more: string): string => {
  const name = title.toLowerCase().replaceAll(' ', '_');
  return `${header(title, version)}
add_action('admin_init', '${name}_install');
function ${name}_install() {
    global $wpdb;
    if (get_option('${name}_version') === '${version}') { return; }
${more}
    update_option('${name}_version', '${version}');
}
`;
};
const eventsOne = withTable(
  'Acme Events',
  '1.0',
  `    $wpdb->query("CREATE TABLE IF NOT EXISTS {$wpdb->prefix}acme_events (id int AUTO_INCREMENT PRIMARY KEY, note varchar(50) NOT NULL) DEFAULT CHARSET=utf8mb4");
    $wpdb->query("INSERT INTO {$wpdb->prefix}acme_events (note) VALUES ('Première'), ('Encore')");`,
);
/** Loses a column, and then cannot show a page any more. */
const eventsTwo = `${withTable(
  'Acme Events',
  '2.0',
  `    $wpdb->query("ALTER TABLE {$wpdb->prefix}acme_events DROP COLUMN note, ADD COLUMN title varchar(20)");
    $wpdb->query("CREATE TABLE {$wpdb->prefix}acme_events_log (id int PRIMARY KEY)");`,
)}
add_action('template_redirect', function () {
    if (get_option('acme_events_version') === '2.0') { throw new RuntimeException('The events lost their notes'); }
});
`;
const seatsOne = withTable(
  'Acme Seats',
  '1.0',
  `    $wpdb->query("CREATE TABLE IF NOT EXISTS {$wpdb->prefix}acme_seats (id int AUTO_INCREMENT PRIMARY KEY, place varchar(10) NOT NULL) DEFAULT CHARSET=utf8mb4");
    $wpdb->query("INSERT INTO {$wpdb->prefix}acme_seats (place) VALUES ('A1'), ('A2')");`,
);
/** Changes its table as a good plugin does. */
const seatsTwo = withTable(
  'Acme Seats',
  '1.1',
  `    $wpdb->query("ALTER TABLE {$wpdb->prefix}acme_seats ADD COLUMN price int NOT NULL DEFAULT 20");`,
);

interface Package {
  readonly from: string;
  readonly to: string;
  readonly version: readonly [string, string];
  /** Delivered by hand: a version is known, a package is not. */
  readonly premium?: boolean;
  /** The updater claims success and does nothing. */
  readonly lies?: boolean;
}

/** One of each kind. Slug → main file before and after. */
export const plugins: Readonly<Record<string, Package>> = {
  'acme-good': {
    version: ['1.0', '1.1'],
    from: header('Acme Good', '1.0'),
    to: `${header('Acme Good', '1.1')}add_action('wp_head', fn () => print('<meta name="acme-good" content="1.1">'));\n`,
  },
  'acme-fatal': {
    version: ['1.0', '2.0'],
    from: header('Acme Fatal', '1.0'),
    to: `${header('Acme Fatal', '2.0')}add_action('init', fn () => acme_function_that_nobody_wrote());\n`,
  },
  'acme-banner': {
    version: ['1.0', '1.1'],
    from: `${header('Acme Banner', '1.0')}add_action('wp_footer', fn () => print('<p>Banner</p>'));\n`,
    to: `${header('Acme Banner', '1.1')}add_action('wp_footer', fn () => print('<p>Banner</p><style>body { background: #102a43; color: #fff; max-width: 20rem }</style>'));\n`,
  },
  'acme-events': { version: ['1.0', '2.0'], from: eventsOne, to: eventsTwo },
  'acme-seats': { version: ['1.0', '1.1'], from: seatsOne, to: seatsTwo },
  'acme-premium': {
    version: ['3.0', '3.1'],
    from: header('Acme Premium', '3.0'),
    to: header('Acme Premium', '3.1'),
    premium: true,
  },
  'acme-pinned': {
    version: ['1.0', '2.0'],
    from: header('Acme Pinned', '1.0'),
    to: header('Acme Pinned', '2.0'),
  },
  'acme-liar': {
    version: ['1.0', '1.1'],
    from: header('Acme Liar', '1.0'),
    to: header('Acme Liar', '1.1'),
    lies: true,
  },
};

/** Installs the first versions of the chosen plugins and activates them through WordPress itself. */
export async function installPlugins(root: string, url: string, slugs = Object.keys(plugins)): Promise<void> {
  for (const slug of slugs) {
    const folder = path.join(root, 'wp-content/plugins', slug);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, `${slug}.php`), plugins[slug]?.from ?? '');
  }
  await run(wpStandIn, ['plugin', 'activate', ...slugs, `--path=${root}`, `--url=${url}`]);
}

/**
 * Makes the zips and the list of what is offered, beside the document root where the stand-in looks for them. The core
 * is the installed one under another version number: its zip holds the few files that WordPress insists on.
 */
export async function offerUpdates(root: string, slugs = Object.keys(plugins)): Promise<void> {
  const folder = path.join(path.dirname(root), 'wp-updates');
  await mkdir(folder, { recursive: true });
  const plugin: Record<string, object> = {};
  for (const slug of slugs) {
    const one = plugins[slug];
    if (one === undefined) continue;
    const file = `${slug}.zip`;
    if (one.premium !== true) await zip(folder, file, { [`${slug}/${slug}.php`]: one.to });
    plugin[slug] = {
      version: one.version[1],
      package: one.premium === true ? '' : file,
      lies: one.lies === true,
    };
  }
  const style = await readFile(path.join(root, 'wp-content/themes/acme/style.css'), 'utf8');
  const functions = await readFile(path.join(root, 'wp-content/themes/acme/functions.php'), 'utf8');
  const index = await readFile(path.join(root, 'wp-content/themes/acme/index.php'), 'utf8');
  await zip(folder, 'acme.zip', {
    'acme/style.css': style.replace('Version: 1.0', 'Version: 1.1'),
    'acme/functions.php': functions,
    'acme/index.php': index,
  });
  const core = await offerCore(root, folder);
  const offers = { plugin, theme: { acme: { version: '1.1', package: 'acme.zip' } }, core };
  await writeFile(path.join(folder, 'offers.json'), JSON.stringify(offers, null, 2));
}

async function offerCore(root: string, folder: string): Promise<object[]> {
  const version = await readFile(path.join(root, 'wp-includes/version.php'), 'utf8');
  const installed = /\$wp_version = '([^']+)'/.exec(version)?.[1] ?? '6.1';
  const next = `${installed.split('.').slice(0, 2).join('.')}.99`;
  const keep = ['wp-admin/includes/update-core.php', 'readme.html', 'license.txt', 'wp-login.php'];
  const files: Record<string, string> = {
    'wordpress/wp-includes/version.php': version.replace(installed, next),
  };
  for (const name of keep) {
    const text = await readFile(path.join(root, name), 'utf8').catch(() => 'WordPress\n');
    files[`wordpress/${name}`] = text;
  }
  await zip(folder, 'core.zip', files);
  return [
    { version: next, update_type: 'minor', package: 'core.zip' },
    { version: '99.0', update_type: 'major', package: 'core.zip' },
  ];
}

async function zip(folder: string, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const source = path.join(folder, `${name}.d`);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, file)), { recursive: true });
    await writeFile(path.join(source, file), text);
  }
  await run('php', [
    '-r',
    `$zip = new ZipArchive(); $zip->open($argv[1], ZipArchive::CREATE | ZipArchive::OVERWRITE);
     foreach (array_slice($argv, 3) as $file) { $zip->addFile("$argv[2]/$file", $file); } $zip->close();`,
    path.join(folder, name),
    source,
    ...Object.keys(files),
  ]);
}
