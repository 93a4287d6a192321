// What the bundle has in the place of runner/src/config/schema/site-validator.ts: ajv's code for the schema, ready made.
import { _, Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { siteSchema } from '../../runner/src/config/schema/site-schema.js';
import { FORMAT_CHECKS, VALIDATOR_OPTIONS } from '../../runner/src/config/schema/site-validator.js';

/** The text of an ES module that exports `siteValidator`; it imports `../formats/index.js`. */
export function siteValidatorCode(): string {
  const ajv = new Ajv({
    ...VALIDATOR_OPTIONS,
    formats: FORMAT_CHECKS,
    code: { source: true, esm: true, formats: _`formatChecks` },
  });
  const code = standalone.default(ajv, ajv.compile(siteSchema));
  return `import { FORMATS } from '../formats/index.js';
const formatChecks = Object.fromEntries(
  Object.entries(FORMATS).map(([name, check]) => [name, (value) => check(value) === undefined]),
);
${code.replace('export default validate0;', '')}
export const siteValidator = () => validate;
`;
}
