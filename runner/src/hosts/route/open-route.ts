import { rsyncShell } from '../../commands/remote-shell.js';
import { type HostAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ProductionHost, type WritingHost } from '../host.js';
import { type SshSettings } from '../ssh/open-ssh.js';
import { type RouteClient } from './client-agent.js';
import { joinedRoute } from './joined-route.js';
import { type OpenedRoute, withStdin } from './route.js';

export interface RouteOptions extends SshSettings {
  readonly kind: 'tunnel' | 'direct';
  /** The more trusted host: archive before production before staging. rsync runs there. */
  readonly client: ProductionHost | WritingHost;
  readonly clientAddress: HostAddress;
  /** Work folder on the client, absolute: takes what has to lie there for a moment. */
  readonly clientWorkDir: string;
  readonly target: HostAddress;
  /** The runner's own connection to the target. */
  readonly targetHost: WritingHost;
  /** The client's side of a direct route, where it was begun before the rest was known. */
  readonly started?: RouteClient | undefined;
  /** What rsync may send at most on this route. */
  readonly megabitsPerSecond?: number | undefined;
}

/** Opens the way for rsync. Nothing falls back: what does not work is an error that names the line to change. */
export async function openRoute(options: RouteOptions): Promise<OpenedRoute> {
  const { kind, clientAddress, target } = options;
  if (isSameAccount(clientAddress, target)) {
    await options.started?.close();
    return localRoute(options);
  }
  return kind === 'tunnel' ? joinedRoute({ ...options, target: options.targetHost }) : directRoute(options);
}

/** The client's own ssh reaches the target. */
async function directRoute(options: RouteOptions): Promise<OpenedRoute> {
  const { target, client, megabitsPerSecond } = options;
  if (target.kind === 'local') {
    await options.started?.close();
    throw new UnderstudyError(
      'ROUTE_REFUSED',
      `${client.label} cannot reach a host that is given as local.`,
      {
        next: "Set content.route: tunnel, or give staging.ssh with an address on which this machine's sshd answers.",
      },
    );
  }
  const { openSshRoute } = await import('./ssh-route.js');
  const route = await openSshRoute({ ...options, target, targetSide: 'staging' });
  return {
    kind: 'direct',
    remoteShell: rsyncShell(route.shellWords),
    remote: route.remote,
    megabitsPerSecond,
    run: (command, options) => route.run(command, withStdin(options)),
    bytesCarried: () => 0,
    isOpen: () => route.isOpen(),
    prove: async () => (await import('./prove-route.js')).proveRoute(route),
    close: () => route.close(),
  };
}

/** Both ends are one account on one machine: rsync needs no other shell there. */
const localRoute = ({ client, megabitsPerSecond }: RouteOptions): OpenedRoute => ({
  kind: 'local',
  remoteShell: undefined,
  remote: '',
  megabitsPerSecond,
  run: (command, options) => (client as WritingHost).run(command, withStdin(options)),
  bytesCarried: () => 0,
  isOpen: () => true,
  prove: async () => [],
  close: async () => undefined,
});

/** By the site file. */
function isSameAccount(one: HostAddress, other: HostAddress): boolean {
  if (one.kind === 'local' || other.kind === 'local') return one.kind === other.kind;
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.user === other.user &&
    one.via?.host === other.via?.host
  );
}
