/**
 * Stage 6 on a database of about 300 MB with about 22,000 hit rows: rewriting and leak proof, seconds each.
 * `node --import tsx runner/bench/stage6.ts [megabytes]`. Peer (recorded): wp search-replace 9.4 s, --precise 33 s.
 */
import { startMariaDb } from '../../sandbox/servers/mariadb.js';
import { openDatabase } from '../src/database/connection.js';
import { expectedPlaces } from '../src/database/leaks/expected-places.js';
import { findLeaks } from '../src/database/leaks/find-leaks.js';
import { brokenSerialized } from '../src/database/leaks/serialized-proof.js';
import { REWRITE_SESSION, rewriteDatabase } from '../src/database/rewrite/rewrite-database.js';
import { Secret } from '../src/errors/index.js';
import { createLocalHost } from '../src/hosts/local-host.js';
import { createRewriter, deriveSitePairs } from '../src/rewrite/index.js';
import { loadLine, serverSeconds } from './support/machine.js';

const megabytes = Number(process.argv[2] ?? 300);
const SCHEMA = 'bench';
const posts = Math.round(megabytes * 200);
const meta = posts * 6;

/** SQL alone fills it, from a short list of long texts, so that setting up takes seconds. */
const FILL = `
CREATE DATABASE ${SCHEMA} CHARACTER SET utf8mb4; USE ${SCHEMA};
CREATE TABLE filler (n int PRIMARY KEY, t text);
INSERT INTO filler SELECT seq, (SELECT GROUP_CONCAT(CONCAT(SUBSTRING(MD5(CONCAT(f.seq, '-', w.seq)), 1, 3 + w.seq % 8), ' größe') SEPARATOR ' ') FROM seq_1_to_280 w) FROM seq_1_to_100 f;
CREATE TABLE wp_posts (ID bigint unsigned PRIMARY KEY, post_content longtext NOT NULL, post_title text NOT NULL, post_status varchar(20) NOT NULL, post_name varchar(200) NOT NULL, guid varchar(255) NOT NULL);
INSERT INTO wp_posts SELECT seq, IF(seq % 5, t, CONCAT('<img src="https://www.acme.com/', seq, '.jpg">', t, '<a href="https:\\\\/\\\\/www.acme.com\\\\/x">')), LEFT(t, 40), 'publish', CONCAT('post-', seq), CONCAT('https://www.acme.com/?p=', seq) FROM seq_1_to_${String(posts)} JOIN filler ON n = 1 + seq % 100;
CREATE TABLE wp_postmeta (meta_id bigint unsigned PRIMARY KEY, post_id bigint unsigned, meta_key varchar(255), meta_value longtext, KEY (post_id));
INSERT INTO wp_postmeta SELECT seq, seq DIV 6, '_data', IF(seq % 36, CONCAT('a:1:{s:1:"t";s:250:"', RIGHT(MD5(seq), 10), LEFT(REPEAT(MD5(seq), 8), 240), '";}'), CONCAT('a:1:{s:3:"url";s:', LENGTH(CONCAT('https://www.acme.com/', seq)), ':"https://www.acme.com/', seq, '";}')) FROM seq_1_to_${String(meta)};
DROP TABLE filler;`;

/** Seconds of processor time: on a machine that does other things too, they say more than the clock. */
const ownSeconds = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;

const server = await startMariaDb({
  config: ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=256M'],
});
try {
  await server.query(`SET SESSION group_concat_max_len = 100000; ${FILL}`);
  await server.query(`ANALYZE TABLE wp_posts, wp_postmeta`, SCHEMA);
  const size = await server.query(
    `SELECT ROUND(SUM(data_length) / 1e6) FROM information_schema.tables WHERE table_schema = '${SCHEMA}'`,
  );
  const host = createLocalHost('staging', 'bench');
  const access = {
    server: { kind: 'socket', path: server.socket },
    name: SCHEMA,
    user: 'root',
    password: new Secret(''),
    charset: 'utf8mb4',
    prefix: 'wp_',
    multisite: false,
  } as const;
  const open = () => openDatabase(host, access, REWRITE_SESSION);
  const rules = { prefix: 'wp_', multisite: false, skip: [] };
  const rewriter = createRewriter(deriveSitePairs('https://www.acme.com', 'https://staging.acme.com'));
  const processor = () => [ownSeconds(), serverSeconds(server.folder)] as const;
  const since = ([own, database]: readonly [number, number]): string =>
    `processor: runner ${(ownSeconds() - own).toFixed(2)} s, server ${(serverSeconds(server.folder) - database).toFixed(2)} s`;
  const beforeRewriting = processor();
  const rewritten = await rewriteDatabase({
    schema: SCHEMA,
    siteCharset: 'utf8mb4',
    rewriter,
    rules,
    base64: 'report',
    open,
  });
  const ofRewriting = since(beforeRewriting);
  const beforeProof = processor();
  const proof = await findLeaks({
    schema: SCHEMA,
    hosts: ['www.acme.com', 'acme.com'],
    staging: ['staging.acme.com'],
    expected: expectedPlaces({ prefix: 'wp_', skip: [], allow: [], keptOptions: [], leftOnPurpose: () => 0 }),
    open,
  });
  const ofProof = since(beforeProof);
  const beforeSecondLook = processor();
  const reader = await open();
  const secondLook = performance.now();
  const broken = await brokenSerialized(reader, SCHEMA, rewritten.serialized);
  const serializedSeconds = (performance.now() - secondLook) / 1000;
  await reader.close();
  const total = rewritten.seconds + proof.seconds + serializedSeconds;
  process.stdout.write(
    [
      `machine                ${loadLine()}`,
      `database               ${size.trim()} MB, ${String(rewritten.values)} values hit`,
      `rewriting              ${rewritten.seconds.toFixed(2)} s (${ofRewriting})`,
      `leak proof             ${proof.seconds.toFixed(2)} s (${String(proof.unexpected.length)} unexpected places; ${ofProof})`,
      `serialized read again  ${serializedSeconds.toFixed(2)} s (${String(rewritten.serialized.reduce((sum, { rows }) => sum + rows.length, 0))} values, ${String(broken.size)} broken; ${since(beforeSecondLook)})`,
      `stage 6                ${total.toFixed(2)} s`,
      `wp search-replace      9.4 s recorded on such a database: ${(9.4 / total).toFixed(1)} times as long`,
      `  --precise            33 s recorded: ${(33 / total).toFixed(1)} times as long`,
      `processor of the runner ${(process.cpuUsage().user / 1e6).toFixed(1)} s (start-up included)`,
      `memory of the runner   ${String(Math.round(process.resourceUsage().maxRSS / 1024))} MB at most`,
      '',
    ].join('\n'),
  );
} finally {
  await server.stop();
}
