// What the server's own count beside a dump costs: the count alone and the dump program alone, by turns.
// npm run bench -- witness [--size small|medium|large|huge]
import { execFileSync } from 'node:child_process';
import { createWorld } from '../../sandbox/world.js';
import { Witness } from '../src/database/dump/witness.js';
import { openDatabase } from '../src/database/connection/open-database.js';
import { Secret } from '../src/errors/index.js';
import { createLocalHost } from '../src/hosts/local-host.js';
import {
  keepFigures,
  loadLine,
  machineLine,
  printTable,
  serverSeconds,
  timed,
  type Row,
} from './support/machine.js';
import { sizeOption } from './support/size-option.js';

const size = sizeOption();
const world = await createWorld({ size, onProgress: (text) => console.log(`  ${text}`) });
const { server, database: schema, account } = world.production;
const host = createLocalHost('production', 'production');
const connect = () =>
  openDatabase(host, {
    server: { kind: 'socket', path: server.socket },
    name: schema,
    user: account.user,
    password: new Secret(account.password),
    charset: 'utf8mb4',
    prefix: 'wp_',
    multisite: false,
  });

async function count(): Promise<void> {
  const witness = await Witness.call(connect, { schema, structureOnly: [], leftOut: [] });
  // Nothing was dumped: every table is missing, after all of them were counted.
  const { missing } = await witness.compare([]);
  await witness.close();
  if (missing.length === 0) throw new Error('no table was counted');
}

function dump(): Promise<void> {
  const script =
    'mariadb-dump --no-defaults --socket="$1" --single-transaction --quick --opt -- "$2" >/dev/null';
  execFileSync('sh', ['-c', script, 'sh', server.socket, schema]);
  return Promise.resolve();
}

async function spent(work: () => Promise<void>): Promise<[clock: number, server: number]> {
  const before = serverSeconds(server.folder);
  const clock = await timed(work);
  return [clock, serverSeconds(server.folder) - before];
}

const rows: Row[] = [];
await dump();
for (let round = 1; round <= 5; round += 1) {
  const [counted, dumped] = [await spent(count), await spent(dump)];
  rows.push([`round ${String(round)}`, ...counted, ...dumped]);
}
console.log(`\n${machineLine()}, ${loadLine()}\nSeconds, database ${size}, in the server's memory\n`);
printTable(['', 'count: clock', 'count: server', 'dump: clock', 'dump: server'], rows);
keepFigures(`witness-${size}`, rows);
await world.stop();
