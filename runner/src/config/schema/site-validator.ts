import { Ajv, type ErrorObject, type Options } from 'ajv';
import { FORMATS } from '../formats/index.js';
import { siteSchema } from './site-schema.js';

/** Says whether a value is a site file, and fills in defaults; after a no, `errors` says why. */
export interface SiteValidator {
  (value: unknown): boolean;
  errors?: readonly ErrorObject[] | null;
}

export const VALIDATOR_OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  useDefaults: true,
  allowUnionTypes: true,
  ownProperties: true,
  // The schema is a constant that a test validates: checking it again would cost a tenth of a second.
  meta: false,
  validateSchema: false,
  inlineRefs: false,
};

/** By name, as ajv wants them: yes or no. */
export const FORMAT_CHECKS: Readonly<Record<string, (value: string) => boolean>> = Object.fromEntries(
  Object.entries(FORMATS).map(([name, check]) => [name, (value: string) => check(value) === undefined]),
);

let compiled: SiteValidator | undefined;

/**
 * Compiling the schema would cost every start a tenth of a second, so in the bundle this file gives way to the code
 * that ajv makes of it (scripts/bundle/site-validator-code.ts).
 */
export const siteValidator = (): SiteValidator =>
  (compiled ??= new Ajv({ ...VALIDATOR_OPTIONS, code: { optimize: 0 }, formats: FORMAT_CHECKS }).compile(
    siteSchema,
  ));
