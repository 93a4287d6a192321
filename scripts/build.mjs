// Bundles the runner into one CommonJS file that needs nothing but node.
// `node scripts/build.mjs` writes resources/understudy/runner.cjs; CI rebuilds it and fails on a difference.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outfile = path.resolve(top, process.argv[2] ?? 'resources/understudy/runner.cjs');
const { version } = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8'));

/** The validator of site files is compiled here, not at every start of the runner. */
const readyMadeValidator = {
  name: 'ready-made-validator',
  setup({ onLoad }) {
    onLoad({ filter: /runner\/src\/config\/site-validator\.ts$/ }, async (file) => {
      const { siteValidatorCode } = await tsImport('./bundle/site-validator-code.ts', import.meta.url);
      return { contents: siteValidatorCode(), resolveDir: path.dirname(file.path), loader: 'js' };
    });
  },
};

await build({
  absWorkingDir: top,
  entryPoints: ['runner/src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  banner: { js: '#!/usr/bin/env node' },
  define: { 'import.meta.url': '__understudyUrl', UNDERSTUDY_VERSION: JSON.stringify(version) },
  inject: [path.join(top, 'scripts/bundle-shim.js')],
  // ssh2's optional native helpers cannot be part of a single file; it falls back to node:crypto.
  external: ['*.node', 'cpu-features'],
  loader: {
    '.json': 'json',
    '.php': 'text',
    '.sh': 'text',
    '.awk': 'text',
    '.pl': 'text',
    '.sql': 'text',
    '.css': 'text',
  },
  plugins: [readyMadeValidator],
  logLevel: 'warning',
});
const bytes = readFileSync(outfile);
// One such character (esbuild leaves those of regular expressions) and node needs twice the memory and time to read it.
if (/[^\0-\xff]/.test(bytes.toString())) throw new Error('the bundle holds characters beyond Latin-1');
const sha256 = createHash('sha256').update(bytes).digest('hex');
// The Jenkins bridge compares it on every agent.
writeFileSync(outfile.replace(/\.cjs$/, '.sha256'), `${sha256}\n`);
console.log(`${path.relative(top, outfile)} ${bytes.length} bytes sha256 ${sha256}`);
