import { type World } from '../world.js';

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
