import { compile } from 'json-schema-to-typescript';
import { type GeneratedFile } from './generated-file.js';
import { readSiteSchema, SCHEMA_FILE } from './site-schema.js';

const BANNER = `// Made from ${SCHEMA_FILE} by npm run generate. Do not edit.\n`;

/**
 * What a type is made from: the schema without its texts, which stand in the schema and in docs/site-file.md. What stands
 * beside a \`$ref\` would make a numbered copy of the definition.
 */
function shapeOf(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shapeOf);
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) return { $ref: node.$ref };
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => key !== 'description' || typeof value !== 'string')
      .map(([key, value]) => [key, shapeOf(value)]),
  );
}

/** The raw shape of a site file. */
export const siteFileTypes: GeneratedFile = {
  path: 'runner/src/config/site-file.generated.ts',
  render: async () =>
    `${BANNER}\n${await compile(shapeOf(readSiteSchema()) as Parameters<typeof compile>[0], 'SiteFile', {
      bannerComment: '',
      additionalProperties: false,
      style: { singleQuote: true, printWidth: 110 },
    })}`,
};
