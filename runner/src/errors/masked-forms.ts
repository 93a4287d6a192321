import { escapePattern } from '../basics/patterns.js';

/** The forms in which a secret may turn up, as sources of regular expressions (flags `gu`). Pure. */

/** One form of a secret, found in two steps: most texts do not even hold its anchor. */
export interface MaskedForm {
  /** A piece that is the same however the rest is encoded; '' where there is none. */
  readonly anchor: string;
  /** Global; made when it is first needed. */
  pattern(): RegExp;
  /** Of what is hidden, roughly; for the order. */
  readonly length: number;
}

/** Letters and digits are written in the same way in all encodings but those that have a form of their own. */
function formOf(text: string, source: () => string): MaskedForm {
  const runs = text.match(/[A-Za-z0-9]+/g) ?? [];
  const anchor = runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
  let pattern: RegExp | undefined;
  return { anchor, pattern: () => (pattern ??= new RegExp(source(), 'gu')), length: text.length };
}

const literalForm = (text: string): MaskedForm => {
  let pattern: RegExp | undefined;
  return {
    anchor: text,
    pattern: () => (pattern ??= new RegExp(escapePattern(text), 'gu')),
    length: text.length,
  };
};

/** Upper and lower case of hexadecimal digits. */
const eitherCase = (hex: string): string =>
  hex.replace(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);

const hexOf = (bytes: Buffer): string[] => [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));

const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/** The ways in which one character is written: as it is, or quoted or encoded for a shell, SQL, JSON, URL, HTML or XML. */
function characterForms(character: string): string {
  if (/[A-Za-z0-9_]/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const bytes = Buffer.from(character);
  const forms = [
    // Any number of backslashes: JSON in JSON, SQL in a shell.
    `\\\\*${escapePattern(character)}`,
    hexOf(bytes)
      .map((hex) => `%${eitherCase(hex)}`)
      .join(''),
    `&#0*${String(code)};`,
    `&#[xX]0*${eitherCase(code.toString(16))};`,
    [...Array(character.length).keys()]
      .map((at) => `\\\\+u${eitherCase(character.charCodeAt(at).toString(16).padStart(4, '0'))}`)
      .join(''),
  ];
  const named = NAMED[character];
  if (named !== undefined) forms.push(`&${named};`);
  // Quoted for a shell in a shell, doubled for SQL: a few more quotes and backslashes around it.
  if (character === "'") forms.push(`['"\\\\]{0,8}'['"\\\\]{0,8}`);
  if (character === '"') forms.push(`""`);
  if (character === '\\') forms.push(`\\\\+`);
  if (character === ' ') forms.push('\\+');
  if (character === '\n') forms.push('\\\\+n');
  if (character === '\t') forms.push('\\\\+t');
  if (character === '\r') forms.push('\\\\+r', '');
  // UTF-8 that somebody has read as Latin-1.
  if (code > 0x7f) forms.push(escapePattern(bytes.toString('latin1')));
  return `(?:${forms.join('|')})`;
}

/** The secret, each of its characters in any of its forms. */
export const maskableForm = (secret: string): MaskedForm =>
  formOf(secret, () => [...secret].map(characterForms).join(''));

/** A secret that is an ordinary word, where it stands alone. */
export const wordForm = (word: string): MaskedForm =>
  formOf(word, () => `(?<![\\p{L}\\p{N}_])${word}(?![\\p{L}\\p{N}_])`);

/** Every byte as hexadecimal digits, alone, with `%` or with `\\x` before each; in both cases. */
export function encodedForms(secret: string): MaskedForm[] {
  const pairs = hexOf(Buffer.from(secret));
  return ['', '%', '\\x'].flatMap((before) => {
    const lower = pairs.map((pair) => before + pair).join('');
    const upper = pairs.map((pair) => before + pair.toUpperCase()).join('');
    return [literalForm(lower), ...(upper === lower ? [] : [literalForm(upper)])];
  });
}

/** Too short a piece would be found in other texts by chance. */
const SHORTEST_PIECE = 6;

/**
 * What base64 makes of the secret wherever it begins in a longer text (`user:secret`): three alignments, of each the part
 * that does not depend on its neighbours. Both alphabets.
 */
export function base64Forms(secret: string): MaskedForm[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const middle = text.slice(Math.ceil((offset * 8) / 6), end);
    const source = (): string => middle.replaceAll('+', '[+\\-]').replaceAll('/', '[\\/_]');
    return middle.length < SHORTEST_PIECE ? [] : [formOf(middle, source)];
  });
}

/** Of a long secret (a key): whole, with its line breaks escaped, and its longer lines. */
export const longForms = (secret: string): MaskedForm[] =>
  [secret, secret.replaceAll('\n', '\\n'), ...secret.split(/\r?\n/).filter((line) => line.length >= 16)].map(
    literalForm,
  );
