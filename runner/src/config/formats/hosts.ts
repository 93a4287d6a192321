import { canonicalHost, parseSshText } from '../addresses.js';
import { allOf, type Format, matching, notAnOption } from './text.js';

export const hostName = allOf(notAnOption, (value) => {
  if (value === '') return 'is empty';
  if (/^\[.*\]/.test(value)) return 'holds an address in brackets: write it without them, and a port as port';
  if (/^[0-9A-Fa-f:.]+$/.test(value) && value.includes(':'))
    return canonicalHost(value) === undefined ? 'is not an IPv6 address' : undefined;
  if (
    !/^[\p{L}\p{M}\p{N}_]([\p{L}\p{M}\p{N}_.\u3002-]*[\p{L}\p{M}\p{N}_.])?$/u.test(value) ||
    value.includes('..')
  )
    return 'is not a host name or address';
  const name = canonicalHost(value);
  if (name === undefined || name.length > 253) return 'is not a host name or address';
  // RFC 1035, 2.3.4; of an international name its punycode counts.
  return name.split('.').some((label) => label.length > 63)
    ? 'is not a host name: between two dots stand more than 63 characters'
    : undefined;
});
export const userName = matching(
  /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/,
  'is not an account name: letters, digits and _ . @ + - are allowed',
);
export const sshAddress: Format = (value) => {
  if (value.startsWith('-')) return notAnOption(value);
  if (/^[^@]*:[^@]*@/.test(value)) return 'holds a password: a site file never does; use a key';
  const parts = parseSshText(value);
  if (!parts)
    return `must be user@host or user@host:port${isIpv6(value.replace(/^.*@/, '')) ? ', an IPv6 address in brackets: user@[2001:db8::1]' : ''}`;
  const complaint = (parts.user === undefined ? undefined : userName(parts.user)) ?? hostName(parts.host);
  return complaint === undefined ? undefined : `${complaint} (user@host or user@host:port)`;
};
export const sshAddressOrLocal: Format = (value) => (value === 'local' ? undefined : sshAddress(value));
export const hostKey: Format = (value) =>
  /^SHA256:[A-Za-z0-9+/]{43}$/.test(value) ||
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}( [\w.@+-]*)?$/.test(
    value,
  )
    ? undefined
    : 'must be SHA256: and 43 characters (ssh-keygen -lf shows it), or a public key such as ssh-ed25519 AAAA…';
export const resolveAddress = allOf(notAnOption, (value) => {
  const parts = parseSshText(value.includes(':') && !/[.[]/.test(value) ? `[${value}]` : value);
  const host = parts && parts.user === undefined ? canonicalHost(parts.host) : undefined;
  return host !== undefined && /^[0-9.]+$|:/.test(host)
    ? undefined
    : 'must be an IP address, or address:port';
});
export const hostPattern = allOf(notAnOption, (value) => hostName(value.replace(/^\*\./, '')));

/** Content, cookies, certificates and wp-config.php of a site all hang on a name. */
const IPV6_SITE =
  'holds an IPv6 address: a site needs a host name; give it one, and the address as http.resolve where DNS does not know the name';
const isIpv6 = (authority: string): boolean => /^\[?[0-9a-f.]*:[0-9a-f.]*:/i.test(authority);

/** Name of the machine that a site's pages come from. */
export const siteHost: Format = (value) => (isIpv6(value) ? IPV6_SITE : hostName(value));

const url = (schemes: RegExp, what: string): Format =>
  allOf(notAnOption, (value) => {
    if (/^[a-z+]+:\/\/[^/]*@/i.test(value))
      return 'holds a user or a password: a site file never does; use http.basicAuth';
    if (!/^[a-z][a-z0-9+]*:\/\/[\p{L}\p{M}\p{N}._~:/[\]%\u3002-]+$/iu.test(value)) return what;
    try {
      const parsed = new URL(value);
      if (!schemes.test(parsed.protocol)) return what;
      return hostName(parsed.hostname.replace(/^\[(.*)\]$/, '$1'));
    } catch {
      return what;
    }
  });
export const siteUrl: Format = (value) =>
  isIpv6(value.replace(/^[a-z]+:\/\//i, ''))
    ? IPV6_SITE
    : url(
        /^https?:$/,
        'must be an address such as https://www.acme.com, without question mark, hash, spaces and quotes',
      )(value);
export const webUrl = url(/^https?:$/, 'must be an address that begins with https:// or http://');
export const networkSite = allOf(notAnOption, (value) => {
  const [host = '', ...path] = value.split('/');
  if (isIpv6(host)) return IPV6_SITE;
  const complaint = hostName(host.replace(/:\d{1,5}$/, ''));
  if (complaint !== undefined) return `${complaint} (host or host/folder, without https://)`;
  return /^[\p{L}\p{N}._~/-]*$/u.test(path.join('/')) ? undefined : 'must be host or host/folder';
});
export const repositoryUrl = allOf(notAnOption, (value) => {
  if (/^https?:\/\/[^/]*@|^ssh:\/\/[^/@]*:[^/@]*@/.test(value))
    return 'holds a user or a token: a site file never does; use publish.token';
  return /^(https:\/\/[\w.-]+(:\d+)?|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d+)?)\/[\w./~-]+$|^[\w][\w.-]*@[\w][\w.-]*:[\w./~-]+$|^file:\/\/\/[\w./-]+$/.test(
    value,
  ) && !value.split('/').includes('..')
    ? undefined
    : 'must be git@host:owner/name.git, ssh://… or https://…';
});
