import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { howToLookAround } from './demo/look-around.js';
import { lookAtStaging } from './demo/look.js';
import { showMonth } from './demo/month.js';
import { shorten } from './demo/shorten.js';
import { ensureBundle, projectFolder, runUnderstudy } from './runner.js';
import { Browser, pageTitle } from './world/browser.js';
import { keepServers, stopKeptServers } from './servers/kept-servers.js';
import { createWorld, type World } from './world.js';

const usage = `npm run demo [-- --size small|medium|large] [--keep] [--multisite] [--replace]
npm run demo -- --month [--keep]
npm run demo -- --stop

Makes production and staging of a WordPress site on this machine and copies one to the other.
  --size       how large the database is: about 30 MB (default), 300 MB or 2 GB
  --keep       leaves everything running, also when something fails, and says how to look around
  --stop       ends what --keep left, of suites too
  --multisite  a WordPress network
  --replace    staging's database account may not import beside the live schema
  --month      a whole month instead: sync, updates, report, approval, promotion to three instances, archive, commit`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'small' },
      keep: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      multisite: { type: 'boolean', default: false },
      replace: { type: 'boolean', default: false },
      month: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { size } = values;
  if (values.help || (size !== 'small' && size !== 'medium' && size !== 'large')) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const stopped = await stopKeptServers();
  if (stopped > 0) console.log('What was kept of former demos and suites is stopped.');
  if (values.stop) {
    if (stopped === 0) console.log('No demo is running.');
    return 0;
  }
  await ensureBundle();
  const end = async (world: World): Promise<void> => {
    if (!values.keep) return world.stop();
    keepServers();
    console.log(`\n${howToLookAround(world)}`);
  };
  if (values.month) return showMonth(end);
  const start = performance.now();
  const world = await createWorld({
    size,
    multisite: values.multisite,
    stagingMode: values.replace ? 'replace' : 'swap',
    onProgress: (text) => console.log(`  ${text}`),
  });
  console.log(`  the world stands after ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  try {
    return (await show(world)) === 0 ? 0 : 1;
  } finally {
    await end(world);
  }
}

async function show(world: World): Promise<number> {
  mkdirSync(world.workspace, { recursive: true });
  console.log(`Staging before: “${pageTitle(await new Browser(world, world.staging).open('/'))}”`);
  const call = {
    sites: world.sites,
    workspace: world.workspace,
    show: (text: string) => shorten(text, world.folder),
  };
  let wrong = 0;
  for (const words of [
    ['plan', 'acme'],
    ['sync', 'acme'],
    ['sync', 'shop-php'],
  ]) {
    console.log(`\n$ understudy ${words.join(' ')}`);
    const { code, seconds } = await runUnderstudy(call, ...words);
    console.log(`(exit code ${code}, ${seconds.toFixed(1)} s)`);
    if (code !== 0) wrong += 1;
  }
  wrong += await lookAtStaging(world);
  const shop = await world.get(world.shop.staging, '/');
  const shopIsNew = shop.body.includes('new product 60') && shop.body.includes('Props, staging');
  if (!shopIsNew) wrong += 1;
  console.log(
    `  ${shopIsNew ? 'ok ' : 'NO '} the shop that is not WordPress shows production's products and staging's settings`,
  );
  console.log('\nReports, also when all of this is gone:');
  for (const file of keepReports(world.workspace, ['acme', 'shop-php'])) console.log(`  ${file}`);
  console.log(
    wrong === 0 ? '\nEverything is as it should be.' : `\n${wrong} things are not as they should be.`,
  );
  return wrong;
}

/** Copies the last run's report of each site out of the world. */
function keepReports(workspace: string, sites: readonly string[]): string[] {
  const folder = path.join(projectFolder, 'build/demo');
  mkdirSync(folder, { recursive: true });
  return sites.flatMap((site) => {
    const result = path.join(workspace, site, 'result.json');
    if (!existsSync(result)) return [];
    const { run } = JSON.parse(readFileSync(result, 'utf8')) as { readonly run: string };
    const report = path.join(workspace, site, run, 'report.html');
    if (run === '' || !existsSync(report)) return [];
    const kept = path.join(folder, `${site}.html`);
    copyFileSync(report, kept);
    return [kept];
  });
}

process.exitCode = await main();
