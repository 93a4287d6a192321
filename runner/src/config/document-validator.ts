import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

/** Says whether a value has the shape `Shape`; after a no, `errors` says why. */
export interface Validator<Shape> {
  (value: unknown): value is Shape;
  readonly errors: readonly ErrorObject[] | null | undefined;
}

/**
 * Checks documents that were read back (records, manifests, journals). The schema is compiled when it is first needed,
 * because each costs a start some hundredths of a second, and it is not compared with JSON Schema's own schema, which
 * would cost a tenth: unknown keywords are refused all the same (ajv's strict mode).
 */
export function documentValidator<Shape>(schema: object): Validator<Shape> {
  let compiled: ValidateFunction<Shape> | undefined;
  const check = (value: unknown): value is Shape => {
    compiled ??= new Ajv({
      allErrors: true,
      allowUnionTypes: true,
      meta: false,
      validateSchema: false,
      code: { optimize: 0 },
    }).compile<Shape>(schema);
    return compiled(value);
  };
  return Object.defineProperty(check, 'errors', { get: () => compiled?.errors }) as Validator<Shape>;
}

/**
 * A document that was read back. It lay on a host, where others may have changed it: it is not trusted.
 * @param refuse throws the error of this kind of document
 */
export function readDocument<Shape>(
  bytes: Buffer,
  validate: Validator<Shape>,
  refuse: (why: string) => never,
): Shape {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return refuse('it is not JSON');
  }
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  return refuse(`${first?.instancePath ?? ''} ${first?.message ?? 'it has another shape'}`.trim());
}
