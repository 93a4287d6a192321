/** What PHP's serialize() writes for plain values; strings are counted in bytes of UTF-8. */
export type PhpValue =
  string | number | boolean | null | readonly PhpValue[] | { readonly [key: string]: PhpValue };

export function phpSerialize(value: PhpValue): string {
  if (value === null) return 'N;';
  if (typeof value === 'string') return `s:${Buffer.byteLength(value)}:"${value}";`;
  if (typeof value === 'boolean') return `b:${value ? 1 : 0};`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i:${value};` : `d:${value};`;
  if (isList(value)) return array(value.map((item, index) => `i:${index};${phpSerialize(item)}`));
  return array(Object.entries(value).map(([key, item]) => phpSerialize(key) + phpSerialize(item)));
}

/** An object of a class that nobody has loaded, with a public, a protected and a private property. */
export function phpObject(className: string, visible: string, guarded: string, hidden: string): string {
  const properties = [
    phpSerialize('visible') + phpSerialize(visible),
    phpSerialize('\0*\0guarded') + phpSerialize(guarded),
    phpSerialize(`\0${className}\0hidden`) + phpSerialize(hidden),
  ];
  return `O:${className.length}:"${className}":${properties.length}:{${properties.join('')}}`;
}

const isList = (value: PhpValue): value is readonly PhpValue[] => Array.isArray(value);
const array = (items: readonly string[]): string => `a:${items.length}:{${items.join('')}}`;
