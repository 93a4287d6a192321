import { compile } from 'json-schema-to-typescript';
import { type GeneratedFile } from './generated-file.js';
import { readSiteSchema, SCHEMA_FILE } from './site-schema.js';

const BANNER = `// Made from ${SCHEMA_FILE} by npm run generate. Do not edit.\n`;

/** What stands beside a \`$ref\` is for people; as a type it would make a numbered copy of the definition. */
function withoutSiblings(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSiblings);
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) return { $ref: node.$ref };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutSiblings(value)]));
}

/** The schema as a constant: the bundle then needs no file beside it. */
export const schemaConstant: GeneratedFile = {
  path: 'runner/src/config/schema.generated.ts',
  render: () =>
    `${BANNER}import { type SchemaNode } from './schema-node.js';\n\nexport const siteSchema: SchemaNode = ${JSON.stringify(readSiteSchema(), null, 2)};\n`,
};

/** The raw shape of a site file. */
export const siteFileTypes: GeneratedFile = {
  path: 'runner/src/config/site-file.generated.ts',
  render: async () =>
    `${BANNER}\n${await compile(
      withoutSiblings(readSiteSchema()) as Parameters<typeof compile>[0],
      'SiteFile',
      {
        bannerComment: '',
        additionalProperties: false,
        style: { singleQuote: true, printWidth: 110 },
      },
    )}`,
};
