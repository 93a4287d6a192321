import { type Duplex } from 'node:stream';
import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { connectLocally } from '../local-host.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { type SshConnection } from '../ssh/ssh-connection.js';
import { localTunnel, reverseTunnel, type Tunnel } from './tunnel.js';

interface TunnelOptions extends SshSettings {
  readonly kind: 'tunnel' | 'direct';
  readonly client: { readonly label: string };
}

/**
 * The tunnel that a route needs: for `direct` none; for a client that is this machine only through a bastion.
 * @param client its connection; undefined when the client is this machine
 */
export async function routeTunnel(
  options: TunnelOptions,
  target: SshAddress,
  client: SshConnection | undefined,
): Promise<Tunnel | undefined> {
  if (options.kind === 'direct') {
    if (!target.via) return undefined;
    throw new UnderstudyError(
      'ROUTE_REFUSED',
      `A direct route to ${target.host} cannot go through a bastion.`,
      {
        next: 'Set content.route: tunnel, or remove ssh.via of the target.',
      },
    );
  }
  if (!client && !target.via) return undefined;
  const { open, close } = await targetOpener(options, target);
  try {
    const tunnel = client ? await reverseTunnel(client, open) : await localTunnel(open);
    return {
      ...tunnel,
      close: async () => {
        await tunnel.close();
        close();
      },
    };
  } catch (cause) {
    close();
    throw listenRefused(options.client.label, cause);
  }
}

/** How this process reaches the target's sshd: as for its own connection. */
async function targetOpener(
  options: TunnelOptions,
  target: SshAddress,
): Promise<{ open: () => Promise<Duplex>; close: () => void }> {
  const endpoint = { kind: 'tcp', host: target.host, port: target.port } as const;
  const { via } = target;
  if (!via) return { open: () => connectLocally('the runner', endpoint), close: () => undefined };
  const { agent: _agent, authentication: _authentication, ...settings } = options;
  const bastion = await openSshConnection(`bastion (${via.user}@${via.host})`, via, settings);
  return {
    open: () => bastion.openStream(endpoint),
    close: () => {
      bastion.close();
    },
  };
}

const listenRefused = (label: string, cause: unknown): UnderstudyError =>
  cause instanceof UnderstudyError
    ? cause
    : new UnderstudyError(
        'ROUTE_REFUSED',
        `${label} does not let the runner listen on its loopback address.`,
        {
          host: label,
          next: `Put "AllowTcpForwarding remote" (or "yes") into sshd_config on ${label}, and check that neither PermitListen, DisableForwarding nor restrict or no-port-forwarding in authorized_keys forbids it; reload sshd. Or set content.route: direct.`,
          cause,
        },
      );
