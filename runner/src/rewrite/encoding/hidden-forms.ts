import { type TextEncoding } from './text-encodings.js';

/** Bytes (latin1 text) that show that a host may stand here although its name is not spelled out. */
export interface HiddenForm {
  readonly needle: string;
  /** Bytes at the start of the needle that belong to the name; the rest may belong to an escape. */
  readonly nameLength: number;
  /** The encoding, where the needle alone tells it. */
  readonly encoding?: TextEncoding;
  /** Letter case matters. */
  readonly isExact?: boolean;
  /** Base64: how many letters of the needle's first group of four stand before it. */
  readonly base64?: number;
}

const SHORTEST_RUN = 3;
/** What an escape of a dot or a dash begins with: `\u002e`, `\.`, `%2E`, `&#46;`, `=2E`. */
const INTRODUCERS = ['\\', '%', '&', '='];

/**
 * Forms in which an encoder writes a host whose dots and dashes, or all letters, it encodes; in which a soft line break
 * of quoted-printable cuts it; and in base64, once and twice. Each is only a place to look at: the text around it is
 * decoded, and decides.
 */
export function hiddenForms(host: string): readonly HiddenForm[] {
  const known = made.get(host);
  if (known !== undefined) return known;
  const forms = makeForms(host);
  made.set(host, forms);
  return forms;
}

/** What a search on a server looks for, so that it finds every value in which {@link hiddenForms} could show a host. */
export interface SearchForms {
  /** Letter case does not matter. */
  readonly folded: readonly string[];
  /** Base64, letter by letter. */
  readonly exact: readonly string[];
}

/** The forms by their beginnings, which are few: a server searches a text once for each. */
export function searchForms(host: string): SearchForms {
  const [first = '', second = ''] = host;
  const begins = wholeNames(first + second).map(({ needle }) => needle);
  const escaped = escapedDots(host).map(({ needle }) => needle);
  return {
    folded: [...escaped, ...begins, ...SOFT_BREAKS],
    exact: base64Forms(host).map(({ needle }) => needle),
  };
}

/** A rewriter is made more than once a run, for the same few hosts. */
const made = new Map<string, readonly HiddenForm[]>();

function makeForms(host: string): HiddenForm[] {
  const escaped = escapedDots(host);
  const forms = [...escaped, ...wholeNames(host), ...softBreaks(host)];
  const encoded = base64Forms(host);
  const escapedIn64 = escaped.flatMap(({ needle }) => base64Forms(needle));
  const twice = [...encoded, ...escapedIn64].flatMap(({ needle }) => base64Forms(needle));
  return [
    ...forms,
    ...encoded,
    ...escapedIn64,
    ...encoded.flatMap(({ needle }) => [
      ...cutForms(needle, SOFT_BREAKS, 'quotedPrintable', true),
      ...cutForms(needle, ['\n', '\r\n'], 'lines', true),
    ]),
    ...twice,
    ...encoded.flatMap(({ needle }) => base64Forms(needle)).flatMap(({ needle }) => base64Forms(needle)),
  ].filter(({ needle }) => needle.length >= 4);
}

/** The longest run of letters and digits that something follows. */
const longestRun = (host: string): string =>
  (host.match(/[a-z0-9]+(?=[^a-z0-9])/g) ?? []).sort((a, b) => b.length - a.length)[0] ?? '';

/** That run, and the beginning of an escape behind it. */
function escapedDots(host: string): HiddenForm[] {
  const run = longestRun(host);
  if (run.length < SHORTEST_RUN) {
    const dots = ['\\u002e', '\\.', '%2e', '%252e', '&#46;', '&#x2e;', '&period;', '=2e', '\\2e '];
    return dots.map((dot) => ({ needle: host.replaceAll('.', dot), nameLength: host.indexOf('.') }));
  }
  return INTRODUCERS.map((sign) => ({ needle: run + sign, nameLength: run.length }));
}

function wholeNames(host: string): HiddenForm[] {
  const spelled = (encoding: TextEncoding, write: (hex: string, code: number) => string): HiddenForm => {
    const needle = [...host].map((letter) => {
      const code = letter.charCodeAt(0);
      return write(code.toString(16), code);
    });
    return { needle: needle.join(''), nameLength: needle.join('').length, encoding };
  };
  return [
    spelled('html', (_hex, code) => `&#${String(code)};`),
    spelled('html', (hex) => `&#x${hex};`),
    spelled('html', (_hex, code) => `&amp;#${String(code)};`),
    spelled('html', (hex) => `&amp;#x${hex};`),
    spelled('json', (hex) => `\\u00${hex}`),
    spelled('json', (hex) => `\\\\u00${hex}`),
    spelled('url', (hex) => `%${hex}`),
    spelled('url', (hex) => `%25${hex}`),
    spelled('url', (_hex, code) => `%26%23${String(code)}%3b`),
    spelled('url', (hex) => `%26%23x${hex}%3b`),
    spelled('url', (hex) => `%5cu00${hex}`),
    spelled('quotedPrintable', (hex) => `=${hex}`),
    spelled('css', (hex) => `\\${hex} `),
  ];
}

/** A line break may cut the name anywhere; where it cuts the longest run, whatever else may be encoded. */
function softBreaks(host: string): HiddenForm[] {
  const run = longestRun(host);
  const start = host.indexOf(run);
  const inRun = cutForms(run, SOFT_BREAKS, 'quotedPrintable');
  const outside = cutForms(host, SOFT_BREAKS, 'quotedPrintable').filter(
    ({ cut }) => cut <= start || cut >= start + run.length,
  );
  return [
    ...(run.length < SHORTEST_RUN ? cutForms(host, SOFT_BREAKS, 'quotedPrintable') : inRun),
    ...outside,
  ];
}

const SOFT_BREAKS = ['=\n', '=\r\n'];

function cutForms(
  text: string,
  breaks: readonly string[],
  encoding: TextEncoding,
  isExact = false,
): (HiddenForm & { readonly cut: number })[] {
  const cuts = Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => index + 1);
  return cuts.flatMap((cut) =>
    breaks.map((line) => {
      const needle = text.slice(0, cut) + line + text.slice(cut);
      return { needle, nameLength: needle.length, encoding, cut, isExact };
    }),
  );
}

/** Base64 of a text at the three offsets it can have, without the letters that depend on its neighbours. */
function base64Forms(text: string): (HiddenForm & { readonly base64: number })[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text, 'latin1')]).toString('base64');
    const first = [0, 2, 3][offset] ?? 0;
    const needle = encoded.slice(first, Math.floor(((offset + text.length) * 8) / 6));
    return { needle, nameLength: needle.length, base64: first, isExact: true };
  });
}
