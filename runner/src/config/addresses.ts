/** Spellings of machines: `user@host:port`, `local`, IPv4 in odd forms, IPv6, trailing dots, IDN. */

export interface WrittenAddress {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** Parts of `user@host`, `user@host:2222`, `user@[::1]:22`. Undefined where the text is not one of these. */
export function parseSshText(text: string): WrittenAddress | undefined {
  const match = /^(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.]+)\]|([^@:\s[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const [, user, bracketed, name, port] = match;
  const host = bracketed ?? name ?? '';
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/**
 * One spelling for every spelling of a host: lower case, punycode, no trailing dot, `127.1` as `127.0.0.1`,
 * IPv6 compressed and without brackets. Undefined where it is no host.
 */
export function canonicalHost(host: string): string | undefined {
  if (!canonical.has(host)) canonical.set(host, canonicalize(host));
  return canonical.get(host);
}

/** Comparing every site with every other asks for the same few hosts again and again. */
const canonical = new Map<string, string | undefined>();

function canonicalize(host: string): string | undefined {
  const bare = host.trim().replace(/^\[(.*)\]$/, '$1');
  if (bare === '' || /[\s/\\?#@]/.test(bare)) return undefined;
  try {
    const { hostname } = new URL(`http://${bare.includes(':') ? `[${bare}]` : bare}/`);
    const name = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
    const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(name);
    if (!mapped) return name === '' ? undefined : name;
    const bits =
      (Number.parseInt(mapped[1] ?? '0', 16) * 65536 + Number.parseInt(mapped[2] ?? '0', 16)) >>> 0;
    return [24, 16, 8, 0].map((shift) => String((bits >>> shift) & 255)).join('.');
  } catch {
    return undefined;
  }
}

/** True for every name of "this machine here": localhost, 127.0.0.0/8, ::1, the unspecified address. */
export function isLoopback(host: string): boolean {
  const name = canonicalHost(host) ?? host;
  return /^(localhost|.*\.localhost|localhost\.localdomain|localhost6?|ip6-localhost|ip6-loopback|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?)$/.test(
    name,
  );
}

/** Addresses and single labels that mean another machine in every network. */
export function isPrivateName(host: string): boolean {
  const name = canonicalHost(host) ?? host;
  return (
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(
      name,
    ) || !/[.:]/.test(name)
  );
}
