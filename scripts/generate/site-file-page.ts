import { nodeAt, resolveNode, type SchemaNode } from '../../runner/src/config/schema/schema-node.js';
import { stringify } from 'yaml';
import { type GeneratedFile } from './generated-file.js';
import { readSiteSchema, SCHEMA_FILE } from './site-schema.js';

const INTRODUCTION = `# Site files

<!-- Made from ${SCHEMA_FILE} by npm run generate. Do not edit. -->

One YAML file per site, \`sites/<name>.yaml\`. The name has at most 40 lower-case letters, digits, \`-\` and \`_\`.
For a WordPress site three lines are enough:

\`\`\`yaml
type: wordpress
production: { url: https://www.acme.com,     ssh: deploy@app.acme.net,     path: /var/www/acme }
staging:    { url: https://staging.acme.com, ssh: deploy@staging.acme.net, path: /srv/acme/html }
\`\`\`

\`sites/_defaults.yaml\` holds what all sites have in common: the same keys, and it lies beneath every site file.
Mappings are merged key by key; lists and single values are replaced. \`sites/examples/\` has one commented file per
architecture. \`understudy validate\` tells everything that is wrong in all files, with line and column, and touches no host.

**Secrets never stand in a site file.** It says where they are found:

| written | means |
|---|---|
| \`{ credential: <id> }\` | a Jenkins credential; \`kind\` where it is not the usual one: \`secret-text\`, \`username-password\`, \`ssh-key\`, \`secret-file\` |
| \`{ env: <NAME> }\` | an environment variable of the runner |
| \`{ file: <path> }\` | a file on the runner, mode 0600 |

From a shell, a credential is handed over as the environment variable \`UNDERSTUDY_CREDENTIAL_<ID>\` (capitals, other
characters as \`_\`): the text itself; for \`ssh-key\` and \`secret-file\` the path of the file (\`…_PASSPHRASE\` beside it);
for \`username-password\` \`…_USR\` and \`…_PSW\`.

**YAML reads some texts as something else.** Put quotes around \`'0123'\`, \`'1e3'\`, \`'no'\`, \`'2026-12-24'\`, \`'02:00'\` and around
everything that begins with \`*\`, \`&\`, \`!\`, \`{\`, \`[\`, \`@\` or \`%\`. Understudy says so where it matters.

**What is always refused:** a staging that is production, in any spelling of URL, folder, host or database, in this file or
another; folders of the operating system, relative paths and \`..\`; values that begin with a hyphen or hold line breaks and
other characters that programs read as something else; passwords, tokens and keys in the file.
`;

/** The value of a default or example, as a person writes it in YAML. */
function written(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim();
  return `\`${text.replaceAll('|', '\\|')}\``;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true, false',
  object: 'mapping',
  array: 'list',
};

function kindOf(root: SchemaNode, node: SchemaNode): string {
  if (node.$ref?.startsWith('#/definitions/secret') === true) return 'secret';
  const resolved = resolveNode(root, node);
  if (resolved.title?.startsWith('Secret') === true) return 'secret';
  if (resolved.enum) return resolved.enum.map((choice) => `\`${String(choice)}\``).join(', ');
  return [resolved.type ?? []]
    .flat()
    .map((type) => KINDS[type] ?? type)
    .join(' or ');
}

/** Sections whose table would repeat one that stands further up. */
const REPEATED = new Set([
  'production.database.ssh',
  'staging.ssh',
  'staging.database.ssh',
  'staging.http',
  'archive.ssh',
  'maintenance.themes',
]);

function section(root: SchemaNode, path: readonly string[], level: number): string {
  const node = nodeAt(root, path);
  if (!node) throw new TypeError(`the schema has no ${path.join('.')}`);
  const item = node.items ? resolveNode(root, node.items) : undefined;
  const shape = item?.properties ? item : node;
  const title = path.length === 0 ? 'Top of the file' : `\`${path.join('.')}\``;
  const rows = Object.entries(shape.properties ?? {}).map(([key, child]) => {
    const resolved = resolveNode(root, child);
    const required = shape.required?.includes(key) ? 'needed' : '';
    const usual =
      resolved.default === undefined || isEmptyMapping(resolved.default)
        ? required
        : written(resolved.default);
    const [example] = resolved.examples ?? [];
    const shown = example === undefined ? '' : ` For example ${written(example)}.`;
    return `| \`${key}\` | ${kindOf(root, child)} | ${usual} | ${(resolved.description ?? '').replaceAll('|', '\\|')}${shown} |`;
  });
  const lead =
    node.description === undefined || path.length === 0
      ? ''
      : `${node.description}${item?.properties ? ' A list of:' : ''}\n\n`;
  const table = `${'#'.repeat(level)} ${title}\n\n${lead}| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  return [table, ...children(root, shape, path, level)].join('\n');
}

const isEmptyMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function children(root: SchemaNode, shape: SchemaNode, path: readonly string[], level: number): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, child]) => {
    const place = [...path, key];
    if (REPEATED.has(place.join('.')) || key === 'via' || kindOf(root, child) === 'secret') return [];
    const resolved = resolveNode(root, child);
    const item = resolved.items ? resolveNode(root, resolved.items) : undefined;
    if (!resolved.properties && !item?.properties) return [];
    return [section(root, place, Math.min(level + 1, 4))];
  });
}

/** docs/site-file.md: one table per section, in the order of the schema. */
export const siteFilePage: GeneratedFile = {
  path: 'docs/site-file.md',
  render: () => `${INTRODUCTION}\n${section(readSiteSchema(), [], 2)}`,
};
