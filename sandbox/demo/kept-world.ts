import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { leaveServersRunning } from '../servers/server-process.js';
import { type World } from '../world.js';

interface KeptWorld {
  readonly keeper: number;
  readonly folder: string;
}

const stateFile = path.join(os.tmpdir(), `understudy-demo-${os.userInfo().username}.json`);

export function keepWorld(world: World): void {
  const state: KeptWorld = { keeper: leaveServersRunning(), folder: world.folder };
  writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 });
}

/** True when a demo was running and is gone now. */
export async function stopKeptWorld(): Promise<boolean> {
  if (!existsSync(stateFile)) return false;
  const { keeper, folder } = JSON.parse(readFileSync(stateFile, 'utf8')) as KeptWorld;
  rmSync(stateFile);
  if (!isKeeper(keeper)) return false;
  process.kill(keeper);
  // The servers end by themselves when nobody holds them any more, and the folder goes with the last.
  while (existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 100));
  return true;
}

/** The id may belong to somebody else by now. */
function isKeeper(pid: number): boolean {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() === 'sleep infinity';
}

export function howToLookAround(world: World): string {
  const { staging, production, hosts } = world;
  const address = (side: 'staging' | 'production'): string =>
    `${world[side].web.address}:${world[side].web.port}`;
  const map = (['staging', 'production'] as const)
    .map((side) => `MAP ${new URL(world[side].url).host} ${address(side)}`)
    .join(', ');
  const curl = (side: 'staging' | 'production'): string =>
    `curl -s --connect-to ::${address(side)} ${world[side].url}/`;
  const host = hosts.staging;
  const options = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -F none';
  return [
    'The world goes on. Look around:',
    `  ${curl('staging')}`,
    `  ${curl('production')}`,
    `  chromium --no-sandbox --host-resolver-rules='${map}' ${staging.url}/`,
    `      wp-admin: ${staging.administrator.user} / ${staging.administrator.password}`,
    `  mariadb -S ${staging.server.socket} ${staging.database}`,
    `  mariadb -S ${production.server.socket} ${production.database}`,
    `  ssh ${options} -i ${world.keyFile} -p ${host.port} ${host.user}@${host.address}`,
    `  node resources/understudy/runner.cjs --sites ${world.sites} --workspace ${world.workspace} plan acme`,
    `      or sync, doctor, rollback; the site file is ${world.sites}/acme.yaml`,
    'Stop it: npm run demo -- --stop',
  ].join('\n');
}
