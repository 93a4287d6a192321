// Parts of the bundle that hardly any command needs, or of which each command needs one: chunks of their own, loaded by a
// plain `require` when code comes to it.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Collects parts while the build is set up; an esbuild plugin and entry points are made of them. */
export class LazyChunks {
  #texts = new Map();

  /** @returns an expression that gives the default export of the part */
  add(name, text) {
    this.#texts.set(name, text);
    return `require('./${name}.js').default`;
  }

  entryPoints() {
    return [...this.#texts.keys()].map((name) => ({ in: `late:${name}`, out: name }));
  }

  plugin(resolveDir) {
    return {
      name: 'lazy-chunks',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^late:/ }, ({ path: name }) => ({
          path: name.slice('late:'.length),
          namespace: 'late',
        }));
        onLoad({ filter: /.*/, namespace: 'late' }, ({ path: name }) => ({
          contents: this.#texts.get(name),
          resolveDir,
          loader: 'js',
        }));
        onResolve({ filter: /^\.\/[\w-]+\.js$/ }, ({ path: file, kind }) =>
          kind === 'require-call' && this.#texts.has(path.basename(file, '.js'))
            ? { path: file, external: true }
            : undefined,
        );
      },
    };
  }
}

/** Tables of East Asian character sets, half a megabyte, for sites whose DB_CHARSET is one of them. */
export function lateTables(parts, top) {
  const folder = path.join(top, 'node_modules/iconv-lite/encodings/tables');
  const loaders = new Map();
  for (const name of [
    'big5-added',
    'cp936',
    'cp949',
    'cp950',
    'eucjp',
    'gb18030-ranges',
    'gbk-added',
    'shiftjis',
  ])
    loaders.set(
      name,
      parts.add(`table-${name}`, `export default ${readFileSync(path.join(folder, `${name}.json`), 'utf8')}`),
    );
  return {
    name: 'late-tables',
    setup({ onLoad }) {
      onLoad({ filter: /iconv-lite\/encodings\/tables\/[\w-]+\.json$/ }, ({ path: file }) => ({
        contents: `module.exports = ${loaders.get(path.basename(file, '.json'))};`,
        loader: 'js',
      }));
    },
  };
}
