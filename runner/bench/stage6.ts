// Stage 6's work on a database at rest, and WP-CLI's on copies of it: clock, processor, and what still names production.
// npm run bench -- stage6 [--size small|medium|large|huge]; UNDERSTUDY_PEER_WP names the wp program.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type MariaDbServer, startMariaDb } from '../../sandbox/servers/mariadb.js';
import { createWorld } from '../../sandbox/world.js';
import { openDatabase } from '../src/database/connection/open-database.js';
import { type SqlConnection } from '../src/database/connection/sql-connection.js';
import { expectedPlaces } from '../src/database/leaks/expected-places.js';
import { findLeaks } from '../src/database/leaks/find-leaks.js';
import { brokenSerialized } from '../src/database/leaks/serialized-proof.js';
import { REWRITE_SESSION, rewriteDatabase } from '../src/database/rewrite/rewrite-database.js';
import { type SerializedPlaces } from '../src/database/rewrite/tally.js';
import { Secret } from '../src/errors/index.js';
import { createLocalHost } from '../src/hosts/local-host.js';
import { createRewriter, deriveSitePairs } from '../src/rewrite/index.js';
import {
  keepFigures,
  loadLine,
  machineLine,
  printTable,
  serverSeconds,
  type Row,
} from './support/machine.js';
import { type Cost, notMeasured, wpCost, wpPeers, wpProgram } from './support/peers.js';
import { serverFloors } from './support/server-floor.js';
import { sizeOption } from './support/size-option.js';

type Spent = Cost & { readonly server: number };

const size = sizeOption();
const world = await createWorld({ size, onProgress: (text) => console.log(`  ${text}`) });
const { production, staging } = world;
const schema = production.database;
await production.server.stop();

const ours = await onFreshCopy(ourRows);
const rows = [...ours, ...(await wpRows(wpProgram(), Number(ours.at(-1)?.[1]))), ...(await floorRows())];
console.log(
  `\n${machineLine()}, ${loadLine()}\nSeconds, database ${size}, at rest: each begins with a copy of the same data folder. ` +
    "Ours without the start of node, WP-CLI's with that of PHP and WordPress.\n",
);
printTable(
  ['database at rest', 'clock', '', 'processor: program', 'server', 'values that still name production'],
  rows,
);
keepFigures(`stage6-${size}`, rows);
await world.stop();

/** A server with the settings it is born with, on a copy of production's data, which the kernel holds in memory. */
async function onFreshCopy(measure: (server: MariaDbServer) => Promise<Row[]>): Promise<Row[]> {
  const folder = path.join(world.folder, 'at-rest');
  const copy =
    'mkdir "$2" && cp -a "$1/data" "$2/data" && sync -f "$2" && find "$2/data" -type f -exec cat {} + > /dev/null';
  execFileSync('sh', ['-c', copy, 'sh', production.server.folder, folder]);
  // WordPress knows its server by the port.
  const server = await startMariaDb({ folder, port: production.server.port });
  try {
    return await measure(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function ourRows(server: MariaDbServer): Promise<Row[]> {
  const open = sessionsOn(server);
  const rewriter = createRewriter(deriveSitePairs(production.url, staging.url));
  const [rewritten, rewriting] = await spentOn(server, () =>
    rewriteDatabase({
      schema,
      siteCharset: 'utf8mb4',
      rewriter,
      rules: { prefix: 'wp_', multisite: false, skip: [] },
      open,
    }),
  );
  // At the same time, as in stage 6.
  const [[left, broken], proof] = await spentOn(server, () =>
    Promise.all([valuesLeft(server), brokenValues(open, rewritten.serialized)]),
  );
  if (broken.size > 0) throw new Error(`broken values: ${[...broken.keys()].join(', ')}`);
  const sum = (of: (spent: Spent) => number) => of(rewriting) + of(proof);
  const whole = { seconds: sum((one) => one.seconds), processor: sum((one) => one.processor) };
  return [
    row(`Understudy: rewriting ${String(rewritten.values)} values`, rewriting, ''),
    row('Understudy: leak check, and serialized values read again', proof, ''),
    row('Understudy', { ...whole, server: sum((one) => one.server) }, String(left)),
  ];
}

async function brokenValues(
  open: () => Promise<SqlConnection>,
  places: readonly SerializedPlaces[],
): Promise<Map<string, number>> {
  const session = await open();
  return brokenSerialized(session, schema, places).finally(() => session.close());
}

async function wpRows(wp: string | undefined, ourSeconds: number): Promise<Row[]> {
  const all: Row[] = [];
  for (const { name, flags, recorded } of wpPeers) {
    const change = { root: production.root, from: production.url, to: staging.url };
    if (wp === undefined) all.push([name, notMeasured(`${String(recorded)} s on 300 MB`), '', '', '', '']);
    else
      all.push(
        ...(await onFreshCopy(async (server) => {
          const spent = await wpCost(wp, flags, change, server);
          const times = `${(spent.seconds / ourSeconds).toFixed(1)} ×`;
          return [row(name, spent, String(await valuesLeft(server)), times)];
        })),
      );
  }
  return all;
}

/** What no program can go below on this machine. */
async function floorRows(): Promise<Row[]> {
  const floors = serverFloors(new URL(production.url).host, new URL(staging.url).host);
  const all: Row[] = [];
  for (const floor of floors)
    all.push(
      ...(await onFreshCopy(async (server) => {
        const [, spent] = await spentOn(server, () => floor.run(server, schema));
        return [row(floor.name, spent, '')];
      })),
    );
  return all;
}

function row(name: string, { seconds, processor, server }: Spent, left: string, times = ''): Row {
  return [name, seconds, times, processor, server, left];
}

function sessionsOn(server: MariaDbServer) {
  const access = {
    server: { kind: 'socket', path: server.socket },
    name: schema,
    user: 'root',
    password: new Secret(''),
    charset: 'utf8mb4',
    prefix: 'wp_',
    multisite: false,
  } as const;
  const host = createLocalHost('staging', 'bench');
  return () => openDatabase(host, access, REWRITE_SESSION);
}

/** The leak check: columns that may name production, as guid, are not counted. */
async function valuesLeft(server: MariaDbServer): Promise<number> {
  const host = new URL(production.url).hostname;
  const { unexpected } = await findLeaks({
    schema,
    hosts: [host, host.replace(/^www\./, '')],
    staging: [new URL(staging.url).host],
    expected: expectedPlaces({ prefix: 'wp_', skip: [], allow: [], keptOptions: [], leftOnPurpose: () => 0 }),
    open: sessionsOn(server),
  });
  return unexpected.reduce((sum, { values }) => sum + values, 0);
}

/** What an action of this process costs it and the server. */
async function spentOn<T>(server: MariaDbServer, action: () => Promise<T>): Promise<[T, Spent]> {
  const own = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  const before = [own(), serverSeconds(server.folder), performance.now()] as const;
  const result = await action();
  return [
    result,
    {
      processor: own() - before[0],
      server: serverSeconds(server.folder) - before[1],
      seconds: (performance.now() - before[2]) / 1000,
    },
  ];
}
