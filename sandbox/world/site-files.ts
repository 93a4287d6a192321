import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type SshServer } from '../servers/sshd.js';
import { type World } from '../world.js';

type Tree = Readonly<Record<string, unknown>>;

/** Writes `sites/acme.yaml` and `sites/shop-php.yaml`: pinned host keys, the runner's key, addresses for the host names. */
export async function writeSiteFiles(world: World, extra: Tree): Promise<void> {
  await mkdir(world.sites, { recursive: true });
  const write = (name: string, site: Tree): Promise<void> =>
    writeFile(path.join(world.sites, `${name}.yaml`), stringify(site, { lineWidth: 0 }));
  await write('acme', { ...acme(world), ...extra });
  const passwords = path.join(world.folder, 'secrets');
  await mkdir(passwords, { recursive: true, mode: 0o700 });
  for (const side of ['production', 'staging'] as const) {
    await writeFile(path.join(passwords, `shop-${side}`), world.shop[side].account.password, { mode: 0o600 });
  }
  await write('shop-php', shop(world, passwords));
}

/** How the runner reaches a machine: the same key opens all of them. */
export const sshSection = (world: Pick<World, 'keyFile'>, host: SshServer): Tree => ({
  host: host.address,
  port: host.port,
  user: host.user,
  key: { file: world.keyFile },
  hostKey: host.hostKey,
});

function acme(world: World): Tree {
  const { production, staging, hosts } = world;
  return {
    title: 'Acme Theatre',
    type: 'wordpress',
    production: {
      url: production.url,
      ssh: sshSection(world, hosts['production-app']),
      path: production.root,
      database: { ssh: sshSection(world, hosts['production-db']) },
      http: { resolve: `${production.web.address}:${production.web.port}` },
    },
    staging: {
      url: staging.url,
      ssh: sshSection(world, hosts.staging),
      path: staging.root,
      http: { resolve: `${staging.web.address}:${staging.web.port}` },
    },
  };
}

function shop(world: World, passwords: string): Tree {
  const { shop: sides, hosts } = world;
  const database = (side: 'production' | 'staging'): Tree => ({
    host: '127.0.0.1',
    port: world[side].server.port,
    name: sides[side].database,
    user: sides[side].account.user,
    password: { file: path.join(passwords, `shop-${side}`) },
  });
  const http = (side: 'production' | 'staging'): Tree => ({
    resolve: `${sides[side].web.address}:${sides[side].web.port}`,
  });
  return {
    type: 'php',
    production: {
      url: sides.production.url,
      ssh: sshSection(world, hosts['production-app']),
      path: sides.production.root,
      database: { ssh: sshSection(world, hosts['production-db']), ...database('production') },
      http: http('production'),
    },
    staging: {
      url: sides.staging.url,
      ssh: sshSection(world, hosts.staging),
      path: sides.staging.root,
      database: database('staging'),
      http: http('staging'),
    },
    content: { keepOnStaging: ['/config.php'] },
  };
}
