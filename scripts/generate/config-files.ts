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
