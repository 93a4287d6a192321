// What the runner never uses of its libraries, and what they do slowly at every start.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Hundreds of `exports.NAME = number`, each of which changes the object's shape: read as JSON in no time. */
const asJson = (file) => `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(require(file)))});`;

const INSTEAD = [
  [/mysql2\/lib\/constants\/(charsets|errors)\.js$/, asJson],
  // Certificates of Amazon's databases. The runner speaks to databases through SSH, without TLS.
  [/mysql2\/lib\/constants\/ssl_profiles\.js$/, () => 'module.exports = {};'],
  // Agents for HTTP through SSH; they load node's http, https and tls.
  [/ssh2\/lib\/http-agents\.js$/, () => 'module.exports = {};'],
  // The sign that stands in for an argument while a selector is split; see `assertAscii` in build.mjs.
  [
    /puppeteer-core\/lib\/esm\/third_party\/parsel-js\/parsel-js\.js$/,
    (file) => readFileSync(file, 'utf8').replaceAll(/\xb6|\\xB6/g, '\x01'),
  ],
  // The runner is a client, and makes no keys.
  [/ssh2\/lib\/server\.js$/, () => 'module.exports = class {};'],
  [/ssh2\/lib\/keygen\.js$/, () => 'module.exports = {};'],
  // For copying folders by SFTP, which the runner leaves to rsync.
  [
    /node-ssh\/node_modules\/make-dir\/index\.js$/,
    () => 'module.exports = () => Promise.reject(new Error("not bundled"));',
  ],
  // WebAssembly for ChaCha20-Poly1305, which hosts/ssh/open-ssh.ts does not offer.
  [
    /ssh2\/lib\/protocol\/crypto\/poly1305\.js$/,
    () =>
      'module.exports = async () => ({ _malloc: () => 0, cwrap: () => () => { throw new Error("no Poly1305"); } });',
  ],
  // Of nodemailer its SMTP client alone is used; fetch is for messages that lie elsewhere.
  [
    /nodemailer\/dist\/esm\/fetch\/index\.js$/,
    () => 'export default () => { throw new Error("not bundled"); };',
  ],
];

export const libraryStubs = {
  name: 'library-stubs',
  setup({ onLoad }) {
    for (const [filter, contents] of INSTEAD)
      onLoad({ filter }, ({ path }) => ({ contents: contents(path), loader: 'js' }));
  },
};
