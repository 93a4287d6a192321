import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { createWorld, type World } from '../../../../sandbox/world.js';
import { onHost } from '../../../../sandbox/world/remote.js';
import { runPhp } from '../../../../sandbox/world/php.js';

let world: World;
beforeAll(async () => {
  world = await createWorld({ size: 'small' });
}, 120_000);
afterAll(async () => world.stop());

describe('the world', () => {
  test('serves two different WordPress sites', async () => {
    const production = await world.get(world.production, '/');
    const staging = await world.get(world.staging, '/');
    expect([production.status, staging.status]).toEqual([200, 200]);
    expect(production.body).toContain('<title>Acme Theatre &#8211;');
    expect(production.body).toContain('http://www.acme.test/wp-content/uploads/2024/05/photo-5.png');
    expect(production.body).toContain('Tickets für heute');
    expect(staging.body).toContain('<title>Acme Theatre, last season &#8211;');
    expect(staging.body).not.toContain('www.acme.test');
  });

  test('serves a shop that is not WordPress', async () => {
    expect((await world.get(world.shop.production, '/')).body).toContain('new product 60');
    expect((await world.get(world.shop.staging, '/')).body).toContain('old product 5');
  });

  test('keeps its hosts apart: own home, own machine id, no key, nothing of the others', async () => {
    const { hosts, keyFile } = world;
    const look = (name: keyof typeof hosts, text: string): Promise<string> =>
      onHost(hosts[name], keyFile, text);
    expect(await look('production-app', 'cd; pwd; cat /etc/machine-id')).toBe(
      `${hosts['production-app'].home}\n${'1'.repeat(32)}\n`,
    );
    expect(
      await look('staging', `ls ${path.dirname(keyFile)} ${hosts['production-app'].folder} | grep -v :`),
    ).toBe('\n');
    expect(await look('staging', 'ls ~/.ssh 2>/dev/null | wc -l')).toBe('0\n');
    expect(await look('staging', `ls ${world.staging.root}`)).toContain('wp-config.php');
  });

  test('has serialized values that PHP reads', async () => {
    const { server, database } = world.production;
    const rows = await server.query(
      `SELECT HEX(meta_value) FROM wp_postmeta WHERE meta_key IN ('_acme_links', '_acme_object', '_wp_attachment_metadata')
       UNION ALL SELECT HEX(option_value) FROM wp_options WHERE option_name LIKE 'acme_setting%'`,
      database,
    );
    const program =
      '$all = $bad = 0; foreach (file($argv[1]) as $line) { $all++; if (unserialize(hex2bin(trim($line))) === false) $bad++; } echo $all, " ", $bad;';
    const { writeFile } = await import('node:fs/promises');
    const file = path.join(world.folder, 'values');
    await writeFile(file, rows);
    expect(await runPhp(world.folder, ['-r', program, '--', file])).toMatch(/^5\d{3} 0$/);
  });

  test('has what makes dumps hard', async () => {
    const { server, database } = world.production;
    const count = (sql: string): Promise<string> => server.query(`SELECT COUNT(*) FROM ${sql}`, database);
    expect(await count('information_schema.views WHERE table_schema = DATABASE()')).toBe('2\n');
    expect(await count('information_schema.triggers WHERE trigger_schema = DATABASE()')).toBe('1\n');
    expect(await count('information_schema.routines WHERE routine_schema = DATABASE()')).toBe('2\n');
    expect(await count('information_schema.events WHERE event_schema = DATABASE()')).toBe('1\n');
    expect(
      await count("information_schema.tables WHERE table_schema = DATABASE() AND engine = 'MyISAM'"),
    ).toBe('1\n');
    expect(await count('wp_wc_order_items WHERE total = quantity * price')).toBe('3000\n');
  });
});
