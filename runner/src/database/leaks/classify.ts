import { escapePattern } from '../../basics/patterns.js';
import { findHosts, hiddenForms, type HostFinding, isLeak } from '../../rewrite/index.js';
import { domainToASCII, domainToUnicode } from 'node:url';

/** A link to production. */
export interface Occurrence {
  /** The production host in ASCII, lower case. */
  readonly host: string;
  /** Some characters around it, for the report. */
  readonly sample: string;
}

export interface LeakTarget {
  readonly hosts: readonly string[];
  /** Staging's addresses, `host[/path]`: where staging lies below production's host, these are no leaks. */
  readonly staging: readonly string[];
}

/** How much of a value is decoded around a mention, on each side. */
const REACH = 512;

/** Finds every link to a production host in a value, whatever it is encoded in. */
export function leakClassifier(target: LeakTarget): (value: Buffer) => Occurrence[] {
  const forms = hostForms(target.hosts);
  const hidden = target.hosts.flatMap((host) =>
    hiddenForms(host).filter(({ base64 }) => base64 === undefined),
  );
  const needles = [...forms.keys(), ...hidden.map(({ needle }) => lowerAscii(needle))];
  // Longest first, so that `www.acme.com` is not taken for a mention of `acme.com`.
  const pattern = new RegExp(
    [...new Set(needles)]
      .sort((a, b) => b.length - a.length)
      .map(escapePattern)
      .join('|'),
    'g',
  );
  const staging = target.staging.flatMap(addressForms);
  return (value) => {
    const text = lowerAscii(value.toString('latin1'));
    const found = new Map<number, Occurrence | undefined>();
    for (const match of text.matchAll(pattern)) {
      const from = Math.max(0, match.index - REACH);
      const window = value.subarray(from, match.index + match[0].length + REACH);
      const at = match.index - from;
      const findings = findHosts(window, target.hosts, { looksIntoBase64: false }).filter(
        (one) => one.offset < at + match[0].length && one.offset + one.length > at,
      );
      for (const finding of findings)
        if (!findings.some((other) => other.length > finding.length && endOf(other) === endOf(finding)))
          found.set(from + finding.offset, leakOf(finding, staging));
    }
    return [...found.values()].filter((one) => one !== undefined);
  };
}

const endOf = (finding: HostFinding): number => finding.offset + finding.length;

/** Undefined: what docs/rewriting.md says is left, or an address of staging. */
function leakOf(finding: HostFinding, staging: readonly string[]): Occurrence | undefined {
  const { host, rest, excerpt } = finding;
  const isStaging = staging.some(
    (address) =>
      address !== host && rest.startsWith(address) && !/^[a-z0-9-]/.test(rest.slice(address.length)),
  );
  return isStaging || !isLeak(finding) ? undefined : { host, sample: excerpt };
}

/** An address with each form of its host: an international name is also written in Unicode. */
function addressForms(address: string): string[] {
  const [host = '', ...path] = lowerAscii(address).replace(/\/+$/, '').split('/');
  return [...hostForms([host]).keys()].map((form) => [form, ...path].join('/'));
}

/**
 * All byte sequences (ASCII letters in lower case) by which a text can name one of the hosts: as it is, in punycode, in Unicode,
 * and Unicode as JSON and URLs escape it. Written without a look at the rewriter, so that the two do not share a blind spot.
 */
export function hostForms(hosts: readonly string[]): Map<string, string> {
  const forms = new Map<string, string>();
  for (const host of hosts) {
    const ascii = (domainToASCII(host) || host).toLowerCase();
    const unicode = domainToUnicode(ascii) || host.toLowerCase();
    forms.set(ascii, ascii);
    if (unicode === ascii) continue;
    for (const text of new Set([unicode, upperAboveAscii(unicode)])) {
      forms.set(latin1OfUtf8(text), ascii);
      forms.set(escapeAboveAscii(text, jsonEscape), ascii);
      forms.set(escapeAboveAscii(text, encodeURIComponent).toLowerCase(), ascii);
    }
  }
  return forms;
}

const ABOVE_ASCII = /[^\x00-\x7f]/gu;
const escapeAboveAscii = (text: string, escape: (character: string) => string): string =>
  text.replace(ABOVE_ASCII, (character) => escape(character));
const upperAboveAscii = (text: string): string =>
  text.replace(ABOVE_ASCII, (character) => character.toUpperCase());
const jsonEscape = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
const latin1OfUtf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** ASCII letters alone: bytes above are halves of characters, not letters. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
