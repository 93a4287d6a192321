import { type SshAddress } from '../../runner/src/config/site.js';
import { type GeneratedKey } from './keys.js';
import { type SshServer } from './sshd.js';

/** How the runner reaches a server of the sandbox. */
export const sshAddressOf = (server: SshServer, key: Pick<GeneratedKey, 'privateKeyFile'>): SshAddress => ({
  kind: 'ssh',
  host: server.address,
  port: server.port,
  user: server.user,
  key: { source: 'file', path: key.privateKeyFile },
  hostKeys: [server.fingerprint],
});
