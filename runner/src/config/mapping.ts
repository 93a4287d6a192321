/** Where a value stands: keys of mappings, places in lists. */
export type KeyPath = readonly (string | number)[];
export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const mappingOf = (value: unknown): Mapping => (isMapping(value) ? value : {});
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `exactOptionalPropertyTypes` wants keys left out, not undefined. */
export function compact<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** A value and everything below it, each before what stands in it, with its place. */
export function* valuesIn(value: unknown, path: KeyPath = []): Generator<readonly [unknown, KeyPath]> {
  yield [value, path];
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* valuesIn(item, [...path, index]);
  else if (isMapping(value))
    for (const [key, item] of Object.entries(value)) yield* valuesIn(item, [...path, key]);
}

/** A copy without what stands at the given places. */
export function without(value: Mapping, paths: readonly KeyPath[]): Mapping {
  const copy = structuredClone(value) as Record<string, unknown>;
  for (const path of paths) {
    let node: unknown = copy;
    for (const step of path.slice(0, -1))
      node = (node as Record<string | number, unknown> | undefined)?.[step];
    const last = path.at(-1);
    if (last === undefined || typeof node !== 'object' || node === null) continue;
    // A list keeps its length, so that the places of the other items stay right.
    if (Array.isArray(node)) node[Number(last)] = undefined;
    else Reflect.deleteProperty(node, last);
  }
  return copy;
}
