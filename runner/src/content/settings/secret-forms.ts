/**
 * The ways in which programs write a text: as it is, in the quotes of PHP, JSON, YAML, INI and the shell, in a URL, in XML,
 * as base64. `var_export` writes what PHP's single quotes hold, `serialize` the text itself.
 * @returns each form once; bytes as latin1, so that any bytes can be searched for
 */
export function secretForms(value: string): readonly string[] {
  if (value === '') return [];
  const forms = new Set<string>();
  for (const inner of [...singleForms(value), ...inUrls(value)]) {
    forms.add(inner);
    // A text of one language often stands inside another: JSON in a PHP string, a URL in JSON.
    for (const outer of [phpSingle(inner), json(inner), xml(inner)]) forms.add(outer);
  }
  return [...forms].map((form) => Buffer.from(form, 'utf8').toString('latin1'));
}

function singleForms(value: string): string[] {
  const base64 = Buffer.from(value, 'utf8').toString('base64').replace(/=+$/, '');
  const encoded = percent(value);
  return [
    value,
    phpSingle(value),
    value.replace(/[\\"$]/g, '\\$&'),
    value.replace(/[\\"$`]/g, '\\$&'),
    value.replace(/["\\]/g, '\\$&'),
    json(value),
    json(value).replaceAll('/', '\\/'),
    ascii(json(value), false),
    ascii(json(value), true),
    ascii(json(value).replaceAll('/', '\\/'), false),
    value.replaceAll("'", "''"),
    value.replaceAll("'", `'\\''`),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll('$', '$$$$'),
    value.replaceAll('%', '%%'),
    encoded.replaceAll('%20', '+'),
    xml(value),
    xml(value).replaceAll('&#039;', '&apos;'),
    xml(value).replaceAll('&#039;', '&#39;'),
    xml(value).replaceAll('&#039;', "'"),
    // Of a short text, base64 is found in too many others.
    ...(base64.length >= 12 ? [base64] : []),
  ];
}

/**
 * Some people encode in a URL every character that has to be, some only the `@`: all choices of up to six different ones,
 * of more those that end a part of a URL, the others all or none. YAML of Symfony doubles each `%`.
 */
function inUrls(value: string): string[] {
  const odd = [...new Set(value.match(/[^A-Za-z0-9\-_.~]/gu) ?? [])];
  const chosen = odd.length <= MOST_ODD ? odd : odd.filter((mark) => URL_MARKS.includes(mark));
  const others = odd.filter((mark) => !chosen.includes(mark));
  const encodings = [encodeURIComponent(value), encodeURI(value)];
  for (let choice = 0; choice < 2 ** chosen.length; choice += 1) {
    const some = chosen.filter((_, index) => (choice & (1 << index)) !== 0);
    encodings.push(percentOnly(value, some), percentOnly(value, [...some, ...others]));
  }
  return encodings
    .flatMap((encoded) => [encoded, lowerHex(encoded)])
    .flatMap((encoded) => [encoded, encoded.replaceAll('%', '%%')]);
}

const MOST_ODD = 6;
const URL_MARKS = '@:/?#%';
const percentOnly = (value: string, marks: readonly string[]): string =>
  [...value].map((mark) => (marks.includes(mark) ? percent(mark) : mark)).join('');

const phpSingle = (value: string): string => value.replace(/[\\']/g, '\\$&');
const json = (value: string): string => JSON.stringify(value).slice(1, -1);
const lowerHex = (value: string): string => value.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** RFC 3986, as PHP's rawurlencode: only letters, digits, `-_.~` stay. */
const percent = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const ascii = (value: string, upper: boolean): string =>
  value.replace(/[^\x00-\x7f]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  });

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
};
const xml = (value: string): string => value.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
