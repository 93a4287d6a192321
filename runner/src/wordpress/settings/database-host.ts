import { type ServerAddress } from '../../config/site.js';

/**
 * `DB_HOST` as wpdb::parse_db_host() and mysqlnd read it: `host`, `host:port`, `host:/socket`, `:/socket`,
 * `[::1]:3306`, `::1`, each with `p:` in front. `localhost` means PHP's own socket, whatever port stands behind it.
 * @param sockets sockets that exist where PHP runs, the likeliest first
 */
export function parseDatabaseHost(text: string, sockets: readonly string[] = []): ServerAddress {
  const plain = text.trim().replace(/^p:/, '');
  const socketAt = plain.indexOf(':/');
  if (socketAt >= 0) return { kind: 'socket', path: plain.slice(socketAt + 1) };
  if (plain.startsWith('/')) return { kind: 'socket', path: plain };
  const several = plain.split(':').length > 2;
  const match = several
    ? /^\[?([0-9A-Fa-f:.]+)\]?(?::(\d+))?$/.exec(plain)
    : /^\[?([^:/\]]*)\]?(?::(\d+))?/.exec(plain);
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d+))?$/.exec(plain);
  const host = (bracketed ?? match)?.[1] ?? plain;
  const port = Number((bracketed ?? (several ? null : match))?.[2] ?? 3306) || 3306;
  if (host !== '' && host.toLowerCase() !== 'localhost') return { kind: 'tcp', host, port };
  const [socket] = sockets;
  return socket === undefined ? { kind: 'tcp', host: '127.0.0.1', port } : { kind: 'socket', path: socket };
}
