import { domainToASCII, domainToUnicode } from 'node:url';
import { UnderstudyError } from '../../errors/index.js';
import { decodeSegment } from './path-spellings.js';

/** Scheme, host, port and path of a site, in the form in which they are compared. */
export interface SiteAddress {
  /** `http`, `https`; empty for a bare host. */
  readonly scheme: string;
  /** Lower case, ASCII (punycode). */
  readonly host: string;
  /** Empty for the scheme's default port. */
  readonly port: string;
  /** Starts with a slash and ends without one; empty for the root. Letters beyond ASCII decoded and composed. */
  readonly path: string;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/;

const refuse = (text: string, why: string): never => {
  throw new UnderstudyError('REWRITE_PAIR_REFUSED', `The replacement of "${text}" is invalid: ${why}.`);
};

function withoutDefaultPort(scheme: string, port: string): string {
  const isDefault = (port === '443' && scheme !== 'http') || (port === '80' && scheme !== 'https');
  return isDefault ? '' : port;
}

/**
 * Reads `http(s)://host[:port][/path]` (kind url) or `host[:port][/path]` (kind host).
 * @throws UnderstudyError REWRITE_PAIR_REFUSED when it is neither
 */
export function parseSiteAddress(text: string, kind: 'url' | 'host'): SiteAddress {
  const parts = /^(?:(https?):\/\/)?([^/:?#@\s]+)(?::(\d{1,5}))?(\/[^?#\s]*)?$/i.exec(text.trim());
  if (parts === null)
    return refuse(text, kind === 'url' ? 'it is not a plain http(s) URL' : 'it is not a host name');
  const scheme = (parts[1] ?? '').toLowerCase();
  if (kind === 'url' && scheme === '') return refuse(text, 'a URL starts with http:// or https://');
  if (kind === 'host' && scheme !== '') return refuse(text, 'a host has no scheme');
  const host = domainToASCII(parts[2] ?? '');
  if (!HOST.test(host)) return refuse(text, `"${parts[2] ?? ''}" is not a host name`);
  const path = decodeSegment((parts[4] ?? '').replace(/\/+$/, ''));
  if (path.includes('//')) return refuse(text, 'its path has an empty segment');
  return { scheme, host, port: withoutDefaultPort(scheme, parts[3] ?? ''), path };
}

export const formatAddress = ({ scheme, host, port, path }: SiteAddress): string =>
  `${scheme === '' ? '' : `${scheme}://`}${host}${port === '' ? '' : `:${port}`}${path}`;

/** ASCII letters alone, in text that has a letter for each byte: those above are halves of characters. */
export const lowerAscii = (bytes: string): string =>
  bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const escapeUnicode = (text: string, backslashes: string): string =>
  text.replace(
    /[^\x00-\x7f]/g,
    (unit) => `${backslashes}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const encodePercent = (text: string): string =>
  text.replace(/[^\x00-\x7f]+/g, (letters) => encodeURIComponent(letters));

/** The ways a host name is written, by style, as latin1 text. Only international names have more than `ascii`. */
export function hostForms(host: string): ReadonlyMap<string, string> {
  const forms = new Map([['ascii', host]]);
  const unicode = domainToUnicode(host);
  if (unicode === host || unicode === '') return forms;
  const upper = unicode.replace(/[^\x00-\x7f]/g, (letter) => letter.toLocaleUpperCase('en'));
  for (const [style, text] of [
    ['lower', unicode],
    ['upper', upper],
  ] as const) {
    forms.set(`utf8-${style}`, Buffer.from(text).toString('latin1'));
    forms.set(`json-${style}`, escapeUnicode(text, '\\'));
    forms.set(`json2-${style}`, escapeUnicode(text, '\\\\'));
    forms.set(`url-${style}`, encodePercent(text));
  }
  return forms;
}
