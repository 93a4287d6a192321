const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the string in double quotes begins in which `at` stands; `low` without a quote before it. */
export function stringStart(bytes: Buffer, at: number, low: number): number {
  for (let quote = at - 1; quote >= low; quote--)
    if (bytes[quote] === QUOTE && !isEscaped(bytes, quote, low)) return quote + 1;
  return low;
}

/** Where it ends; `high` without a quote behind it. */
export function stringEnd(bytes: Buffer, at: number, high: number): number {
  for (let quote = at; quote < high; quote++) {
    if (bytes[quote] === BACKSLASH) quote++;
    else if (bytes[quote] === QUOTE) return quote;
  }
  return high;
}

function isEscaped(bytes: Buffer, at: number, low: number): boolean {
  let backslashes = 0;
  while (at - backslashes - 1 >= low && bytes[at - backslashes - 1] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
