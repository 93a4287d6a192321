/**
 * The shape of a JSON document, said once: a JSON schema for the validator, and its type ({@link ShapeOf}). Documents that
 * lie on hosts are declared with these words and read by `readDocument` (document-validator.ts).
 */
declare const means: unique symbol;
declare const mayBeMissing: unique symbol;

/** A JSON schema, with the type of what it lets through. */
export type Shape<Type = unknown> = object & { readonly [means]?: () => Type };
export type ShapeOf<Of> = Of extends { readonly [means]?: () => infer Type } ? Type : never;

export interface Optional<Type = unknown> {
  readonly optional: Shape<Type>;
  readonly [mayBeMissing]?: true;
}

type Properties = Readonly<Record<string, Shape | Optional>>;
type PropertyOf<Of> = Of extends Optional<infer Type> ? Type : ShapeOf<Of>;
type ObjectOf<P> = {
  readonly [Key in keyof P as P[Key] extends Optional ? never : Key]: PropertyOf<P[Key]>;
} & {
  readonly [Key in keyof P as P[Key] extends Optional ? Key : never]?: PropertyOf<P[Key]> | undefined;
};

const shape = <Type>(schema: object): Shape<Type> => schema;

export const optional = <Of extends Shape>(of: Of): Optional<ShapeOf<Of>> => ({
  optional: of as Shape<ShapeOf<Of>>,
});

/** @param maxLength characters */
export const text = (maxLength?: number): Shape<string> =>
  shape({ type: 'string', ...(maxLength === undefined ? {} : { maxLength }) });
/** Not empty. @param maxLength characters */
export const named = (maxLength: number): Shape<string> => shape({ type: 'string', minLength: 1, maxLength });
export const textLike = (pattern: string, maxLength?: number): Shape<string> =>
  shape({ type: 'string', pattern, ...(maxLength === undefined ? {} : { maxLength }) });
export const flag: Shape<boolean> = shape({ type: 'boolean' });
export const whole = (minimum = 0, maximum?: number): Shape<number> =>
  shape({ type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) });
/** Not negative. */
export const amount: Shape<number> = shape({ type: 'number', minimum: 0 });
export const constant = <const Value extends string | number>(value: Value): Shape<Value> =>
  shape({ const: value });
export const oneOf = <const Values extends readonly string[]>(...values: Values): Shape<Values[number]> =>
  shape({ enum: values });
export const listOf = <Of extends Shape>(
  items: Of,
  limits: { readonly minItems?: number; readonly maxItems?: number } = {},
): Shape<readonly ShapeOf<Of>[]> => shape({ type: 'array', ...limits, items });
/** Any names, each with such a value. */
export const mapOf = <Of extends Shape>(
  values: Of,
  maxProperties?: number,
): Shape<Readonly<Record<string, ShapeOf<Of>>>> =>
  shape({
    type: 'object',
    ...(maxProperties === undefined ? {} : { maxProperties }),
    additionalProperties: values,
  });
export const either = <const Of extends readonly Shape[]>(...shapes: Of): Shape<ShapeOf<Of[number]>> =>
  shape({ anyOf: shapes });
export const both = <One, Other>(one: Shape<One>, other: Shape<Other>): Shape<One & Other> =>
  shape({ allOf: [one, other] });

export const anything: Shape<Readonly<Record<string, unknown>>> = shape({ type: 'object' });
export const textOrNull: Shape<string | null> = shape({ type: ['string', 'null'] });

/** These properties, and whatever else is there. */
export const openRecord = <const P extends Properties>(properties: P): Shape<ObjectOf<P>> =>
  shape({
    type: 'object',
    required: Object.keys(properties).filter((name) => !('optional' in (properties[name] ?? {}))),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, of]) => [name, 'optional' in of ? of.optional : of]),
    ),
  });

/** These properties and no others. */
export const record = <const P extends Properties>(properties: P): Shape<ObjectOf<P>> =>
  shape({ ...openRecord(properties), additionalProperties: false });

/** `20261121T201500Z-3f9a1c`. */
export const RUN_ID = '^\\d{8}T\\d{6}Z-[0-9a-f]{6}$';
/** Lower-case letters, digits, `-`, `_`; at most 40. */
export const SITE_NAME = '^[a-z0-9][a-z0-9_-]{0,39}$';
export const runId = textLike(RUN_ID);
export const siteName = textLike(SITE_NAME);
/** ISO 8601, UTC. */
export const time = textLike('^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$');
/** SHA-256, hex. */
export const sha256 = textLike('^[0-9a-f]{64}$');
/** Of something below a folder of Understudy: never absolute, never upwards. */
export const pathBelow = (maxLength: number): Shape<string> =>
  textLike('^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\0\\n]*$', maxLength);
