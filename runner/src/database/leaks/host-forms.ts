import { domainToASCII, domainToUnicode } from 'node:url';

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
export const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
