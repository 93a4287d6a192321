import { Ajv, type Options, type ValidateFunction } from 'ajv';

/** The schemas are constants: comparing them with JSON Schema's own would cost a tenth of a second. */
export const DOCUMENT_OPTIONS: Options = {
  allowUnionTypes: true,
  meta: false,
  validateSchema: false,
};

/**
 * The code that checks documents of a shape. Making it costs some hundredths of a second for each, so in the bundle this
 * file gives way to the code that ajv makes of all of them (scripts/bundle/document-validators-code.ts).
 */
export const compileDocument = <Shape>(schema: object): ValidateFunction<Shape> =>
  new Ajv({ ...DOCUMENT_OPTIONS, code: { optimize: 0 } }).compile<Shape>(schema);
