/** A side whose host nobody can reach: port 1 of this machine. @param key as the site file names a secret */
export const unreachableSide = (name: string, key: object): object => ({
  url: `https://${name}.acme.test`,
  ssh: { host: '127.0.0.1', port: 1, user: 'deploy', key, hostKey: `SHA256:${'A'.repeat(43)}` },
  path: `/srv/${name}`,
});
