import { type ErrorObject, type ValidateFunction } from 'ajv';
import { compileDocument } from './compile-document.js';
import { type Shape } from './shapes.js';

/** Says whether a value has the type `Type`; after a no, `errors` says why. */
export interface Validator<Type> {
  (value: unknown): value is Type;
  readonly errors: readonly ErrorObject[] | null | undefined;
}

/** Every shape that some file declares, for the build. */
export const declaredDocuments: object[] = [];

/**
 * Checks documents that were read back (records, manifests, journals). The code for it is asked for when it is first
 * needed. Unknown keywords of a schema are refused (ajv's strict mode).
 */
export function documentValidator<Type>(schema: Shape<Type>): Validator<Type> {
  declaredDocuments.push(schema);
  let compiled: ValidateFunction<Type> | undefined;
  const check = (value: unknown): value is Type => (compiled ??= compileDocument<Type>(schema))(value);
  return Object.defineProperty(check, 'errors', { get: () => compiled?.errors }) as Validator<Type>;
}

/**
 * A document that was read back. It lay on a host, where others may have changed it: it is not trusted.
 * @param refuse throws the error of this kind of document
 */
export function readDocument<Type>(
  bytes: Buffer,
  validate: Validator<Type>,
  refuse: (why: string) => never,
): Type {
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
