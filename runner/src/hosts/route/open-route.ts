import { rsyncShell } from '../../commands/remote-shell.js';
import { type HostAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ProductionHost, type WritingHost } from '../host.js';
import { type SshSettings } from '../ssh/open-ssh.js';
import { runForTarget } from '../guard/fenced-host.js';
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
  if (mayBeSameAccount(clientAddress, target) && (await isSameAccount(options))) {
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
const localRoute = ({ client, targetHost, megabitsPerSecond }: RouteOptions): OpenedRoute => ({
  kind: 'local',
  remoteShell: undefined,
  remote: '',
  megabitsPerSecond,
  run: (command, options) =>
    command.far.effect === 'write'
      ? runForTarget(client as WritingHost, targetHost, command, withStdin(options))
      : (client as WritingHost).run(command, withStdin(options)),
  bytesCarried: () => 0,
  isOpen: () => true,
  prove: async () => [],
  close: async () => undefined,
});

/** By the site file. Of instances that are discovered it does not say which they are. */
function mayBeSameAccount(one: HostAddress, other: HostAddress): boolean {
  if (one.kind === 'local' || other.kind === 'local') return one.kind === other.kind;
  if (one.discover !== undefined || other.discover !== undefined) return false;
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.user === other.user &&
    (one.via === undefined || other.via === undefined
      ? one.via === other.via
      : mayBeSameAccount(one.via, other.via))
  );
}

/** By what answers: one name may lead to several machines. */
async function isSameAccount({ client, targetHost }: RouteOptions): Promise<boolean> {
  const [one, other] = await Promise.all([client.identity(), targetHost.identity()]);
  return (
    one.bootId === other.bootId &&
    one.machineId === other.machineId &&
    one.user === other.user &&
    one.home === other.home
  );
}
