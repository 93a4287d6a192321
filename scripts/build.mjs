// Bundles the runner into one CommonJS file that needs nothing but node.
// `node scripts/build.mjs` writes resources/understudy/runner.cjs; CI rebuilds it and fails on a difference.
import './setup/check-node.mjs';
import { build, transformSync } from 'esbuild';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { LazyChunks, lateTables } from './bundle/lazy-chunks.mjs';
import { bundledLibraries, LICENCES, licencesComment, licencesText } from './bundle/licences.mjs';
import { libraryStubs } from './bundle/library-stubs.mjs';
import { packSingleFile } from './bundle/pack-single-file.mjs';
import { checkEntrySize } from './bundle/check-entry-size.mjs';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outfile = path.resolve(top, process.argv[2] ?? 'resources/understudy/runner.cjs');
const { version } = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8'));

/** What checks site files and documents is compiled here, not at every start of the runner. */
const parts = new LazyChunks();
/** Nobody meets generated code in a stack trace, so its names may be short. */
const shorten = (text) => transformSync(text, { format: 'esm', target: 'node20', minify: true }).code;
const code = {
  site: shorten((await tsImport('./bundle/site-validator-code.ts', import.meta.url)).siteValidatorCode()),
  documents: await (
    await tsImport('./bundle/document-validators-code.ts', import.meta.url)
  ).documentValidatorsCode((name, text) => parts.add(name, shorten(text))),
};
const readyMadeValidators = {
  name: 'ready-made-validators',
  setup({ onLoad }) {
    const instead = (filter, contents) =>
      onLoad({ filter }, (file) => ({ contents, resolveDir: path.dirname(file.path), loader: 'js' }));
    instead(/runner\/src\/config\/schema\/site-validator\.ts$/, code.site);
    instead(/runner\/src\/config\/schema\/compile-document\.ts$/, code.documents);
  },
};
const tables = lateTables(parts, top);

const minify = { target: 'node20', minifySyntax: true, minifyWhitespace: true };
const { outputFiles, metafile } = await build({
  absWorkingDir: top,
  entryPoints: [{ in: 'runner/src/main.ts', out: 'main' }, ...parts.entryPoints()],
  outdir: path.dirname(outfile),
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  ...minify,
  legalComments: 'none',
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
  plugins: [readyMadeValidators, parts.plugin(top), tables, libraryStubs],
  logLevel: 'warning',
});
checkEntrySize(metafile, 'main.js');
const chunks = outputFiles.map(({ path: file, text }) => ({ name: path.basename(file), text }));
const licences = licencesText(bundledLibraries(metafile, top));
const text = (await packSingleFile(chunks, 'main.js', minify)) + licencesComment(licences);
assertAscii(text);
mkdirSync(path.dirname(outfile), { recursive: true });
writeFileSync(outfile, text);
chmodSync(outfile, 0o755);
const sha256 = createHash('sha256').update(text).digest('hex');
// The Jenkins bridge compares it on every agent.
writeFileSync(outfile.replace(/\.cjs$/, '.sha256'), `${sha256}\n`);
writeFileSync(process.argv[2] === undefined ? path.join(top, LICENCES) : `${outfile}.licences`, licences);
console.log(`${path.relative(top, outfile)} ${Buffer.byteLength(text)} bytes sha256 ${sha256}`);

/** One other character (esbuild leaves those of regular expressions) and node needs 5 ms more to read it, at every start. */
function assertAscii(program) {
  const found = /[^\0-\x7f].{0,40}/.exec(program);
  if (found !== null) throw new Error(`the bundle holds a character beyond ASCII: ${found[0]}`);
}
