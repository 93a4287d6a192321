// Finds private words in sources, steps, tests and docs: forbidden-words.mjs has the list, CONTRIBUTING.md the reason.
// `node scripts/lint/words.mjs` checks the repository; with a folder it checks the files of that folder.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findWords } from './find-words.mjs';

const FOLDERS = ['runner', 'vars', 'docs', 'sandbox', 'scripts', 'test', 'resources/understudy/schema'];
/** Decisions are dated records, a result quotes what a database server answered, and the list itself names the words. */
const LEFT_OUT =
  /^docs\/decisions\.md$|result\.json$|^scripts\/lint\/|docs\/words\.test\.ts$|\.(png|cjs|sha256|ico|jpe?g|zip|gz|woff2?)$/;

const given = process.argv[2];
const files = (given === undefined ? ofRepository() : ofFolder(given)).filter((file) => !LEFT_OUT.test(file));
let found = 0;
for (const file of files) {
  const text = readFileSync(given === undefined ? file : path.join(given, file), 'utf8');
  for (const { line, word, instead } of [...findWords(file), ...findWords(text)]) {
    found++;
    console.error(`${file}:${String(line)}: “${word}”: write ${instead}`);
  }
}
if (found > 0) console.error(`\n${String(found)} words of scripts/lint/forbidden-words.mjs`);
process.exitCode = found === 0 ? 0 : 1;

/** What is committed, and what would be; a file that was deleted since is left out. */
function ofRepository() {
  const list = (...options) =>
    execFileSync('git', ['ls-files', ...options, '--', ...FOLDERS, '*.md', 'sites'], {
      encoding: 'utf8',
    }).split('\n');
  const gone = new Set(list('--deleted'));
  return list('--cached', '--others', '--exclude-standard').filter((file) => file !== '' && !gone.has(file));
}

function ofFolder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}
