/** How letters beyond ASCII are written in a path. */
export type Spelling = 'letters' | 'percent' | 'percent, lower case' | 'json' | 'json, upper case';

/** A segment of an address' path, and the ways in which texts write it. */
export interface PathSegment {
  /** Decoded, composed (NFC). */
  readonly name: string;
  /** As latin1 text of its bytes. `spelling` is undefined for plain ASCII. */
  readonly forms: readonly { readonly text: string; readonly spelling?: Spelling }[];
}

const SPELLINGS: readonly Spelling[] = [
  'letters',
  'percent',
  'percent, lower case',
  'json',
  'json, upper case',
];
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** The segment in every spelling, composed and decomposed (Unicode TR 15): macOS writes the latter. */
export function pathSegment(text: string): PathSegment {
  const name = decodeSegment(text);
  if (!BEYOND_ASCII.test(name)) return { name, forms: [{ text }] };
  const forms = [name, name.normalize('NFD')].flatMap((letters) =>
    SPELLINGS.map((spelling) => ({ text: spellSegment(letters, spelling), spelling })),
  );
  return { name, forms };
}

/** Percent-encoded letters beyond ASCII become letters; what is no UTF-8 stays as it is. */
export function decodeSegment(text: string): string {
  const decoded = text.replace(/(?:%[89a-f][0-9a-f])+/gi, (bytes) => {
    const letters = Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8');
    return letters.includes('\uFFFD') ? bytes : letters;
  });
  return decoded.normalize('NFC');
}

/** A decoded segment as it is written somewhere, as latin1 text of its bytes. */
export function spellSegment(name: string, spelling: Spelling): string {
  if (!BEYOND_ASCII.test(name)) return name;
  if (spelling === 'letters') return Buffer.from(name).toString('latin1');
  const units = /[^\x00-\x7f]+/g;
  if (spelling.startsWith('json'))
    return name.replace(units, (letters) =>
      Array.from({ length: letters.length }, (_, at) => {
        const hex = letters.charCodeAt(at).toString(16).padStart(4, '0');
        return `\\u${spelling === 'json' ? hex : hex.toUpperCase()}`;
      }).join(''),
    );
  return name.replace(units, (letters) => {
    const written = encodeURIComponent(letters);
    return spelling === 'percent' ? written : written.toLowerCase();
  });
}
