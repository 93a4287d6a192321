import {
  base64Forms,
  encodedForms,
  longForms,
  maskableForm,
  type MaskedForm,
  wordForm,
} from './masked-forms.js';

/**
 * The one place that knows which texts are secret. Values are masked before they are escaped for JSON, HTML or XML
 * ({@link maskSecrets}, {@link maskValues}); documents that are complete are looked through once more
 * ({@link maskDocument}), for what a tool has escaped, encoded or quoted itself.
 */
const strong: MaskedForm[] = [];
/** Ordinary words: hidden in values where they stand alone, never in the markup and the keys of our own documents. */
const words: MaskedForm[] = [];
const registered = new Set<string>();

/** Secrets shorter than this would mask ordinary words; they are refused where they are read. */
export const SHORTEST_MASKED = 4;
const STARS = '****';

/** What stands in texts by itself: a word, a name, a short number. */
const isOrdinaryWord = (value: string): boolean => /^(?:[A-Za-z]{1,11}|[0-9]{1,7})$/.test(value);

function register(value: string): void {
  if (value.length < SHORTEST_MASKED || registered.has(value)) return;
  registered.add(value);
  if (isOrdinaryWord(value)) words.push(wordForm(value));
  // Keys and certificates are long, and no tool quotes them in another way than whole.
  else
    strong.push(...(value.length > 300 ? longForms(value) : [maskableForm(value), ...encodedForms(value)]));
  strong.push(...base64Forms(value));
  // A secret that holds another one is hidden whole.
  for (const list of [strong, words]) list.sort((a, b) => b.length - a.length);
}

function hide(forms: readonly MaskedForm[], text: string): string {
  let masked = text;
  for (const form of forms) if (masked.includes(form.anchor)) masked = masked.replace(form.pattern(), STARS);
  return masked;
}

/** A text with `****` for every known secret: as it is, URL-encoded, base64, hex, or quoted for JSON, HTML, SQL or a shell. */
export const maskSecrets = (text: string): string => hide(words, hide(strong, text));

/** The same for a document that is complete: our own keys, tags and words in it stay what they are. */
export const maskDocument = (text: string): string => hide(strong, text);

/** Fields of our own documents that machines read; their values are ours too. */
const OURS = new Set([
  'version',
  'time',
  'type',
  'stage',
  'state',
  'severity',
  'code',
  'unit',
  'run',
  'id',
  'exitCode',
]);

/** A value for JSON, with every text in it masked, keys excepted. */
export function maskValues<Value>(value: Value): Value {
  if (typeof value === 'string') return maskSecrets(value) as Value;
  if (Array.isArray(value)) return value.map(maskValues) as Value;
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      maskDocument(key),
      OURS.has(key) && typeof item === 'string' ? maskDocument(item) : maskValues(item),
    ]),
  ) as Value;
}

/** A value that prints as `****` wherever it is printed by accident; `reveal()` is searched for in reviews. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
    register(value);
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return STARS;
  }
  toJSON(): string {
    return STARS;
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${STARS})`;
  }
}
