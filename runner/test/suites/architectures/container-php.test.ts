import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CONTAINER_PATH } from '../../../../sandbox/architectures/docker-staging.js';
import { createDockerWorld, type DockerWorld } from '../../../../sandbox/architectures/docker-world.js';
import { expectExit, leftovers } from '../../../../sandbox/architectures/observe.js';
import { writeArchitecture } from '../../../../sandbox/architectures/site-file.js';
import { ensureBundle, type RunnerCall } from '../../../../sandbox/runner.js';

const SHOP = 'acme-shop';

/** Where compose files put the settings of a site: nothing of them is in a file. */
const FROM_ENVIRONMENT = `<?php
return ['title' => 'Props, staging in a container',
  'host' => getenv('DB_HOST'), 'port' => (int) getenv('DB_PORT'), 'name' => getenv('DB_DATABASE'),
  'user' => getenv('DB_USERNAME'), 'password' => getenv('DB_PASSWORD')];
`;

// A container engine needs root.
(process.getuid?.() === 0 ? describe : describe.skip)('a plain PHP site in a container', () => {
  let docker: DockerWorld;
  let call: RunnerCall;
  beforeAll(async () => {
    await ensureBundle();
    docker = await createDockerWorld('port');
    const { world, daemon } = docker;
    call = await writeArchitecture(
      world,
      'container-php',
      { staging: { container: SHOP, containerPath: CONTAINER_PATH } },
      'shop-php',
    );
    const { root, web } = world.shop.staging;
    await writeFile(path.join(root, 'config.php'), FROM_ENVIRONMENT);
    await web.stop();
    await startShop();
    expect((await world.get(world.shop.staging, '/')).body).toContain('old product');

    async function startShop(): Promise<void> {
      const { database, account } = world.shop.staging;
      const environment = Object.entries({
        DB_HOST: '127.0.0.1',
        DB_PORT: String(world.staging.server.port),
        DB_DATABASE: database,
        DB_USERNAME: account.user,
        DB_PASSWORD: account.password,
      }).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
      await daemon.docker(
        ...['run', '--detach', '--name', SHOP, '--network', 'host', '--volume', `${root}:${CONTAINER_PATH}`],
        ...environment,
        ...['acme/php', 'php', '-d', 'opcache.enable=0'],
        ...['-S', `${web.address}:${web.port}`, '-t', CONTAINER_PATH],
      );
      for (let tries = 0; tries < 200; tries++) {
        if (
          await world.get(world.shop.staging, '/').then(
            () => true,
            () => false,
          )
        )
          return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }, 600_000);
  afterAll(async () => docker?.stop(), 120_000);

  test('whose settings are in its environment alone is copied, and keeps them', async () => {
    const { world } = docker;
    const { stdout } = await expectExit(0, call, 'sync', 'shop-php');
    expect(stdout).not.toContain('SETTINGS_UNPROVEN');
    const { body } = await world.get(world.shop.staging, '/');
    expect(body).toContain('Props, staging in a container');
    expect(body).toContain('new product 60');
    expect(await leftovers(world)).toEqual([]);
  }, 600_000);

  test('gets no file of production that holds its password, whatever its name', async () => {
    const { world } = docker;
    const { root, account } = world.shop.production;
    await writeFile(path.join(root, 'conn.inc'), `<?php $pw = '${account.password}';\n`);
    try {
      const { stdout } = await expectExit(0, call, 'sync', 'shop-php');
      expect(stdout).toContain('conn.inc');
      expect(existsSync(path.join(world.shop.staging.root, 'conn.inc'))).toBe(false);
    } finally {
      await rm(path.join(root, 'conn.inc'), { force: true });
    }
  }, 600_000);
});
