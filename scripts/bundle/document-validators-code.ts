// What the bundle has in the place of runner/src/config/schema/compile-document.ts: ajv's code for every shape, ready made.
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DOCUMENT_OPTIONS } from '../../runner/src/config/schema/compile-document.js';
import { declaredDocuments } from '../../runner/src/config/schema/document-validator.js';

const source = fileURLToPath(new URL('../../runner/src/', import.meta.url));

/**
 * The text of an ES module that exports `compileDocument`, which finds a shape by the digest of its JSON.
 * @param addPart puts a module aside until it is asked for; gives the expression that asks for it
 */
export async function documentValidatorsCode(
  addPart: (name: string, text: string) => string,
): Promise<string> {
  await declareAll();
  const byDigest = new Map(
    declaredDocuments.map((schema) => {
      const digest = createHash('sha256').update(JSON.stringify(schema)).digest('hex');
      return [digest, schema];
    }),
  );
  const table = [...byDigest].map(([digest, schema]) => {
    const ajv = new Ajv({ ...DOCUMENT_OPTIONS, code: { source: true, esm: true } });
    // Where in the schema a rule stands is said with every error, and nobody reads it.
    const text = standalone.default(ajv, ajv.compile(schema)).replaceAll(/schemaPath:"[^"]*",/g, '');
    const part = addPart(`document-${digest.slice(0, 12)}`, text);
    return `'${digest}': () => ${part}`;
  });
  return `import { createHash } from 'node:crypto';
const ready = { ${table.join(', ')} };
export function compileDocument(schema) {
  const part = ready[createHash('sha256').update(JSON.stringify(schema)).digest('hex')];
  if (part === undefined) throw new Error('the bundle was built without this shape of documents');
  return part();
}
`;
}

/** Loads every file that declares a shape. */
async function declareAll(): Promise<void> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const whole = path.join(source, file);
    if (!/= documentValidator[<(]/.test(readFileSync(whole, 'utf8'))) continue;
    await import(pathToFileURL(whole).href);
  }
}
