// What production.limits really holds back, and what a backup costs production: bytes on its links, second by second.
// npm run bench -- limits [--size small|medium]
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { ensureBundle } from '../../sandbox/runner.js';
import { Network } from '../../sandbox/servers/network.js';
import { createWorld, type World } from '../../sandbox/world.js';
import { keepFigures, loadLine, machineLine, printTable, type Row } from './support/machine.js';
import { type NetworkPart, networkRun } from './support/network-run.js';
import { sizeOption } from './support/size-option.js';

interface Limits {
  /** Megabits per second. */
  readonly transfer?: number;
  /** Megabytes of SQL per second. */
  readonly dump?: number;
}

const CASES: readonly Limits[] = [{}, { transfer: 40 }, { transfer: 8 }, { dump: 8 }, { dump: 2 }];
/** New on production before each sync. */
const CONTENT_BYTES = 8 * 1024 * 1024;

await ensureBundle();
const network = new Network();
// With one backup kept, all of a new one travels.
const world = await createWorld({
  size: sizeOption(),
  network,
  siteFile: { run: { keepBackups: 1 } },
});
await networkRun(world, network, 'sync', 'acme');

const rows: Row[] = [];
for (const [index, limits] of CASES.entries()) {
  setLimits(world, limits);
  writeFileSync(
    path.join(world.production.root, `wp-content/bench-${String(index)}.bin`),
    randomBytes(CONTENT_BYTES),
  );
  const peak = watchPeak(network);
  const { parts } = await networkRun(world, network, 'sync', 'acme');
  const seconds = (name: string) =>
    parts.find((part: NetworkPart) => part.name === name)?.seconds ?? Number.NaN;
  rows.push([
    Object.entries(limits)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join() || 'none',
    seconds('Sync content'),
    seconds('Back up production database'),
    seconds('Transfer backup'),
    peak.megabits(),
  ]);
}
console.log(`\n${machineLine()}, ${loadLine()}\n`);
printTable(['production.limits', 'content, s', 'backup, s', 'transfer, s', 'most in a second, Mbit/s'], rows);
keepFigures('limits', rows);
await world.stop();

function setLimits(on: World, limits: Limits): void {
  const file = path.join(on.sites, 'acme.yaml');
  const site = parse(readFileSync(file, 'utf8')) as { production: { limits?: Limits } };
  site.production.limits = limits;
  writeFileSync(file, stringify(site));
}

/** The most that went over production's links within one second. */
function watchPeak(on: Network): { megabits(): number } {
  const EVERY_MS = 100;
  const sent = (): number => {
    const { bytesBy } = on.traffic();
    return (bytesBy['production-app'] ?? 0) + (bytesBy['production-db'] ?? 0);
  };
  const last: number[] = [sent()];
  let most = 0;
  const timer = setInterval(() => {
    last.push(sent());
    if (last.length > 1000 / EVERY_MS + 1) last.shift();
    most = Math.max(most, (last.at(-1) ?? 0) - (last[0] ?? 0));
  }, EVERY_MS);
  return {
    megabits: () => {
      clearInterval(timer);
      return (most * 8) / 1e6;
    },
  };
}
