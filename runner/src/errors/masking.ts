/**
 * The one place that knows which texts are secret. Everything that leaves the process as text
 * (log, events, report, error) passes through {@link maskSecrets}.
 */
const known = new Set<string>();
let pattern: RegExp | undefined;

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Secrets shorter than this would mask ordinary words; they are refused where they are read. */
export const SHORTEST_MASKED = 4;

function register(value: string): void {
  if (value.length < SHORTEST_MASKED) return;
  for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
    known.add(form);
  for (const line of value.split(/\r?\n/)) if (line.length >= 16) known.add(line);
  pattern = undefined;
}

/** Replaces every known secret (plain, URL-encoded, base64) with `****`. */
export function maskSecrets(text: string): string {
  if (known.size === 0) return text;
  pattern ??= new RegExp(
    [...known]
      .sort((a, b) => b.length - a.length)
      .map(escapeForRegExp)
      .join('|'),
    'g',
  );
  return text.replace(pattern, '****');
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
    return '****';
  }
  toJSON(): string {
    return '****';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret(****)';
  }
}
