import { canonicalHost, isLoopback, isPrivateName } from '../addresses.js';
import { type HostAddress, type ServerAddress, type SshAddress } from '../site.js';

/** A machine behind a bastion that calls itself localhost is the bastion. */
function machine(address: HostAddress): HostAddress {
  if (address.kind === 'local') return address;
  if (!isLoopback(address.host)) return address;
  return address.via === undefined ? { kind: 'local' } : machine(address.via);
}

/**
 * Whether two addresses are, or may be, the same machine, as far as spellings show it. Ports and accounts say
 * nothing: two SSH servers may serve one file system. DNS is not asked; the same-target check compares the machines.
 */
export function sameMachine(one: HostAddress, two: HostAddress): boolean {
  const [a, b] = [machine(one), machine(two)];
  if (a.kind === 'local' || b.kind === 'local') return a.kind === b.kind;
  if (a.hostKeys.some((key) => b.hostKeys.some((other) => sameKey(key, other)))) return true;
  if (a.discover !== undefined || b.discover !== undefined)
    return JSON.stringify(a.discover) === JSON.stringify(b.discover);
  if (canonicalHost(a.host) !== canonicalHost(b.host)) return false;
  return !(isPrivateName(a.host) && differentNetworks(a, b));
}

/** Two private addresses behind two different bastions are two machines. */
const differentNetworks = (a: SshAddress, b: SshAddress): boolean =>
  a.via !== undefined && b.via !== undefined && !sameMachine(a.via, b.via);

const sameKey = (a: string, b: string): boolean =>
  a.split(' ').slice(0, 2).join(' ') === b.split(' ').slice(0, 2).join(' ');

export const nameOf = (address: HostAddress): string =>
  address.kind === 'local' ? 'this machine' : address.host === '' ? 'the discovered hosts' : address.host;

export interface DatabaseTarget {
  /** The machine on which the clients run. */
  readonly address?: HostAddress;
  readonly server?: ServerAddress;
}

/** The same database server: same address, or the same machine's own server. Unknown where the files do not say. */
export function sameServer(a: DatabaseTarget, b: DatabaseTarget): boolean | undefined {
  if (!a.server || !b.server || !a.address || !b.address) return undefined;
  const [first, second] = [serverMachine(a.server, a.address), serverMachine(b.server, b.address)];
  if (!sameMachine(first.address, second.address)) return false;
  // A socket and a port of one machine may well be one server.
  return first.port === undefined || second.port === undefined
    ? first.socket === undefined || second.socket === undefined || first.socket === second.socket
    : first.port === second.port;
}

function serverMachine(
  server: ServerAddress,
  clients: HostAddress,
): { address: HostAddress; port?: number; socket?: string } {
  if (server.kind === 'socket') return { address: clients, socket: server.path.replaceAll(/\/+/g, '/') };
  if (isLoopback(server.host)) return { address: clients, port: server.port };
  const via = clients.kind === 'ssh' ? clients : undefined;
  const sameHost = via !== undefined && canonicalHost(via.host) === canonicalHost(server.host);
  return {
    port: server.port,
    address: sameHost
      ? clients
      : {
          kind: 'ssh',
          host: server.host,
          port: 22,
          user: '',
          hostKeys: [],
          ...(via && isPrivateName(server.host) && via.via ? { via: via.via } : {}),
        },
  };
}
