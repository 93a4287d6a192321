import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { pageTitle } from '../world/browser.js';
import { reportFolder } from './month.js';
import { APPROVER, type MonthWorld, type ProductionPlace } from './month-world.js';
import { readCode } from './tree.js';

const run = promisify(execFile);

type Say = (text: string) => void;
type LookAt = (good: boolean, text: string) => void;

/** What a person would look at after the month, everywhere. */
export async function lookAtMonth(world: MonthWorld, id: string, say: Say, look: LookAt): Promise<void> {
  lookAtReport(world, id, say, look);
  await lookAtProduction(world, say, look);
  const clone = path.join(world.folder, 'clone');
  await cloneOf(world, clone);
  await lookAtHistory(clone, say, look);
  await lookAtDigests(world, clone, id, say, look);
}

interface Item {
  readonly slug: string;
  readonly state: string;
  readonly pictures?: readonly string[];
}

interface Recorded {
  readonly items: readonly Item[];
  readonly testedTree?: { readonly digest: string };
  readonly approval?: { readonly by: string; readonly how: string };
  readonly promotion?: {
    readonly hosts: readonly { readonly digest: string }[];
    readonly pageSeconds: number;
    readonly state: string;
    readonly checks?: { readonly passed: number; readonly newFailures?: number };
  };
  readonly archive?: { readonly digest: string };
  readonly publish?: { readonly commits: readonly string[] };
}

const recorded = (world: MonthWorld, id: string): Recorded =>
  JSON.parse(readFileSync(path.join(reportFolder(world, id), 'maintenance.json'), 'utf8')) as Recorded;

function lookAtReport(world: MonthWorld, id: string, say: Say, look: LookAt): void {
  say('\nThe report');
  const { items, approval, promotion } = recorded(world, id);
  const stateOf = (slug: string): string =>
    items.find((item) => item.slug === slug)?.state ?? 'not looked at';
  for (const [slug, state] of [
    ['acme-good', 'updated'],
    ['acme-seats', 'updated'],
    ['acme', 'updated'],
    ['wordpress', 'updated'],
    ['acme-fatal', 'rolled-back'],
    ['acme-banner', 'rolled-back'],
    ['acme-events', 'rolled-back'],
    ['acme-premium', 'no-package'],
  ] as const)
    look(stateOf(slug) === state, `${slug}: ${stateOf(slug)}`);
  const pictures = items.find(({ slug }) => slug === 'acme-banner')?.pictures ?? [];
  look(
    pictures.length > 0 && pictures.every((file) => existsSync(path.join(reportFolder(world, id), file))),
    `acme-banner has ${String(pictures.length)} pictures of before, after and difference`,
  );
  look(
    promotion?.checks?.newFailures === 0 && promotion.checks.passed > 20,
    `production was checked after the promotion: ${String(promotion?.checks?.passed ?? 0)} checks passed, the page was on for ${String(promotion?.pageSeconds ?? 0)} s`,
  );
  const html = readFileSync(path.join(reportFolder(world, id), 'maintenance.html'), 'utf8');
  look(
    approval?.by === APPROVER.person && approval.how === 'person' && html.includes('Ada Lovelace'),
    `the record and the report name who approved: ${approval?.by ?? 'nobody'}`,
  );
}

/** Versions as the files say them, and as pages show what is at work. */
async function lookAtProduction(world: MonthWorld, say: Say, look: LookAt): Promise<void> {
  for (const place of world.instances) {
    say(`\nProduction's instance ${place.name}, over HTTP as ${world.production.url}`);
    const home = await place.page('/');
    look(
      home.status === 200 && home.body.includes('<meta name="acme-good" content="1.1">'),
      `${String(home.status)} / “${pageTitle(home)}”: the good plugin is at work`,
    );
    look(
      !home.body.includes('#102a43') && home.body.includes('Banner'),
      'the banner is there and looks as it did',
    );
    for (const [slug, version] of [
      ['acme-good', '1.1'],
      ['acme-seats', '1.1'],
      ['acme-fatal', '1.0'],
      ['acme-banner', '1.0'],
      ['acme-events', '1.0'],
    ] as const)
      look(pluginVersion(place, slug) === version, `${slug} ${pluginVersion(place, slug)}`);
    const style = readFileSync(path.join(place.root, 'wp-content/themes/acme/style.css'), 'utf8');
    look(style.includes('Version: 1.1'), `theme acme ${/Version: (\S+)/.exec(style)?.[1] ?? '?'}`);
    look(coreVersion(place.root) === coreVersion(world.staging.root), `WordPress ${coreVersion(place.root)}`);
    const stays = ['/tickets/', '/wp-login.php', '/wp-json/wp/v2/posts?per_page=1'];
    const statuses = await Promise.all(stays.map(async (target) => (await place.page(target)).status));
    look(
      statuses.every((status) => status === 200),
      `${stays.join(', ')}: ${statuses.join(', ')}`,
    );
    look(
      !existsSync(path.join(place.root, '.maintenance')) &&
        !existsSync(path.join(place.root, 'wp-content/mu-plugins/staging-banner.php')) &&
        readFileSync(path.join(place.root, 'robots.txt'), 'utf8').includes('production'),
      'no maintenance page; nothing of staging’s own is here, and its own files are',
    );
  }
  const { server, database } = world.production;
  const seats = await server.query('SELECT place, price FROM wp_acme_seats ORDER BY id', database);
  look(
    seats === 'A1\t20\nA2\t20\n' || seats.trim() === 'A1\t20\nA2\t20',
    'the database: acme-seats has its new column',
  );
  const events = await server.query('SELECT note FROM wp_acme_events ORDER BY id', database);
  look(events.trim() === 'Première\nEncore', 'the database: acme-events has its rows as they were');
}

const pluginVersion = ({ root }: ProductionPlace, slug: string): string =>
  /^Version: (\S+)/m.exec(
    readFileSync(path.join(root, 'wp-content/plugins', slug, `${slug}.php`), 'utf8'),
  )?.[1] ?? '?';

const coreVersion = (root: string): string =>
  /\$wp_version = '([^']+)'/.exec(readFileSync(path.join(root, 'wp-includes/version.php'), 'utf8'))?.[1] ??
  '?';

const git = async (folder: string, ...words: string[]): Promise<string> => {
  const environment = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  const { stdout } = await run('git', ['-C', folder, ...words], { env: environment, maxBuffer: 2 ** 28 });
  return stdout.trim();
};

async function cloneOf(world: MonthWorld, folder: string): Promise<void> {
  await run('git', ['clone', '-q', world.git.repository, folder]);
}

async function lookAtHistory(clone: string, say: Say, look: LookAt): Promise<void> {
  say('\n$ git log --stat, in a fresh clone');
  const log = await git(
    clone,
    'log',
    '--stat=100',
    '--stat-count=4',
    '--format=%n%h %an  %s%n    %(trailers:separator=%x2C )',
  );
  say(
    log
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `  ${line}`)
      .join('\n'),
  );
  const subjects = (await git(clone, 'log', '--format=%s')).split('\n');
  for (const expected of [
    /^acme-good 1\.0 → 1\.1$/,
    /^acme-seats 1\.0 → 1\.1$/,
    /^acme 1\.0 → 1\.1$/,
    /^WordPress \S+ → \S+$/,
  ])
    look(
      subjects.some((subject) => expected.test(subject)),
      subjects.find((subject) => expected.test(subject)) ?? `no commit ${String(expected)}`,
    );
  look(
    !subjects.some((subject) => /fatal|banner|events|premium/.test(subject)),
    'no commit of what was rolled back',
  );
  const bodies = await git(clone, 'log', '-1', '--format=%B');
  look(
    bodies.includes(`Co-authored-by: ${APPROVER.person}`),
    `the commits name the approver: Co-authored-by: ${APPROVER.person}`,
  );
  look(existsSync(path.join(clone, 'README.md')), 'the developers’ own README.md is still there');
  const tracked = await git(clone, 'ls-files');
  look(
    !/(?:^|\n)(?:wp-config\.php|\.env|\.htaccess|wp-content\/uploads\/.*)(?:\n|$)/.test(tracked),
    'no wp-config.php, .env, .htaccess or upload is in it',
  );
  look((await git(clone, 'tag')).startsWith('maintenance-'), `tag ${await git(clone, 'tag')}`);
}

/** Told twice: by the digests that the commands recorded, and by a reading of our own. */
async function lookAtDigests(
  world: MonthWorld,
  clone: string,
  id: string,
  say: Say,
  look: LookAt,
): Promise<void> {
  say('\nThe same tree everywhere');
  const places = [
    { name: 'staging', root: world.staging.root },
    ...world.instances.map(({ name, root }) => ({ name, root })),
    { name: 'archive (EFS)', root: world.archive.efs },
    { name: 'clone of the repository', root: clone },
  ];
  const trees = await Promise.all(
    places.map(async (place) => ({ ...place, tree: await readCode(place.root) })),
  );
  const wanted = trees[0]?.tree;
  for (const { name, tree } of trees)
    look(
      tree.digest === wanted?.digest && tree.files.length > 1000,
      `${tree.digest.slice(0, 16)}  ${String(tree.files.length)} files  ${name}${difference(tree.files, wanted?.files ?? [])}`,
    );
  const { testedTree, promotion, archive } = recorded(world, id);
  const digests = [
    testedTree?.digest,
    ...(promotion?.hosts.map(({ digest }) => digest) ?? []),
    archive?.digest,
    /^Understudy-Tree: (\S+)$/m.exec(await git(clone, 'log', '-1', '--format=%B'))?.[1],
  ];
  look(
    digests.length === 6 && new Set(digests).size === 1 && digests[0] !== undefined,
    `as recorded: tested, promoted to ${String(promotion?.hosts.length ?? 0)} hosts, archived, published: ${digests[0]?.slice(0, 16) ?? '?'}`,
  );
}

function difference(files: readonly string[], wanted: readonly string[]): string {
  const [here, there] = [new Set(files), new Set(wanted)];
  const lines = [
    ...files.filter((file) => !there.has(file)).map((file) => `+${file}`),
    ...wanted.filter((file) => !here.has(file)).map((file) => `-${file}`),
  ];
  return lines.length === 0 ? '' : `: ${lines.slice(0, 5).join(' ')}`;
}
