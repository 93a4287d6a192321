/** A value as Groovy source: constants only, nothing in it is ever evaluated. */
export type GroovyValue = string | number | boolean | { readonly [key: string]: GroovyValue };

const CONTROL: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Single quotes: Groovy puts no values into such a text. */
const quoted = (text: string): string =>
  `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replace(
      /[\u0000-\u001f\u007f-\uffff]/g,
      (character) => CONTROL[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )}'`;

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const key = (name: string): string => (WORD.test(name) ? name : quoted(name));

/** `[url: 'https://…', branch: 'main']`; numbers and booleans as they are. */
export function groovyLiteral(value: GroovyValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([name, item]) => `${key(name)}: ${groovyLiteral(item)}`);
  return entries.length === 0 ? '[:]' : `[${entries.join(', ')}]`;
}

/** A call of a step with named arguments, one per line; those without a value are left out. */
export function groovyCall(step: string, given: Readonly<Record<string, GroovyValue | undefined>>): string {
  const lines = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`    ${key(name)}: ${groovyLiteral(value)}`],
  );
  // Groovy 2.4 takes no comma after the last argument.
  return lines.length === 0 ? `${step}()` : `${step}(\n${lines.join(',\n')}\n)`;
}
