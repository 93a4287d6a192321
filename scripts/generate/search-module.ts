import { readFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { type GeneratedFile } from './generated-file.js';
import { TOP } from './site-schema.js';

const FOLDER = 'runner/src/rewrite/match';

/** The rewriter's search with vectors, from its text. */
export const searchModule: GeneratedFile = {
  path: `${FOLDER}/find-fingerprints.generated.ts`,
  render: async () => {
    const { parseWat } = await wabt();
    const name = 'find-fingerprints.wat';
    const module = parseWat(name, readFileSync(path.join(TOP, FOLDER, name), 'utf8'), { simd: true });
    const text = Buffer.from(module.toBinary({}).buffer).toString('base64');
    module.destroy();
    return `// Made from ${name} by npm run generate.\n/** A WebAssembly module, base64. */\nexport const FIND_FINGERPRINTS =\n  '${text}';\n`;
  },
};
