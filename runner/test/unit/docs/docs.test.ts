import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { catalogue } from '../../../src/errors/index.js';
import { parsesSoFar } from '../cli/parses.js';
import { isSchemaPath } from '../cli/schema-path.js';
import { checkBlock } from './check-block.js';
import { readPage, readPages } from './markdown.js';

const pages = readPages();
const named = pages.map((page) => [page.file, page] as const);

test.each(named)('links of %s lead somewhere', (file, { links }) => {
  const broken = links.flatMap(({ at, text }) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return [];
    const [target = '', anchor] = text.split('#');
    const found = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
    if (!existsSync(found)) return [`${at}: ${text}`];
    if (anchor === undefined || !found.endsWith('.md')) return [];
    return readPage(found).anchors.has(anchor) ? [] : [`${at}: ${text} has no such heading`];
  });
  expect(broken).toEqual([]);
});

test.each(named)('blocks of %s are right', async (_, { blocks }) => {
  const wrong: string[] = [];
  for (const block of blocks)
    for (const problem of await checkBlock(block)) wrong.push(`${block.at}: ${problem}`);
  expect(wrong).toEqual([]);
});

/** Words of the code: a name in capitals that a page mentions is in one of these. */
const sources = [
  'runner/src',
  'vars',
  'resources/understudy/jobs',
  'sandbox',
  'scripts',
  'runner/bench',
].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => /\.(ts|mjs|groovy|txt|yaml)$/.test(name)),
);
const words = new Set(
  sources.flatMap((file) => readFileSync(file, 'utf8').match(/[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/g) ?? []),
);
const tests = new Set(
  readdirSync('runner/test', { recursive: true, encoding: 'utf8' }).map((name) => path.basename(name)),
);
const KEY =
  /^(?:production|staging|content|database|rewrite|run|maintenance|archive|publish|notify|ssh|http)(?:\.[a-zA-Z]+)+(?=$|:)/;
const RUN = '20261121T201500Z-3f9a1c';

/** What long suites write; it need not be there. */
const MADE_BY_SUITES = ['docs/compatibility.md', 'runner/test/suites/engines/result.json'];

/** What is wrong with a piece of inline code; undefined: nothing, or it speaks of something else. */
function spanProblem(text: string): string | undefined {
  if (/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text))
    return text in catalogue || words.has(text) ? undefined : 'neither an error nor a name of the code';
  if (/^(?:runner|vars|sandbox|scripts|resources|sites\/examples|docs|test)\/[\w./-]+$/.test(text))
    return existsSync(text) || MADE_BY_SUITES.includes(text) ? undefined : 'no such file';
  if (/^[\w-]+\.test\.ts$/.test(text)) return tests.has(text) ? undefined : 'no such test';
  const [key = ''] = KEY.exec(text) ?? [];
  if (key !== '' && !/\.(?:ts|json|md|html|ya?ml)$/.test(key))
    return isSchemaPath(key) ? undefined : 'the site file has no such key';
  const [, line] = /^understudy (.*)$/.exec(text) ?? [];
  if (line === undefined || line.startsWith('help ')) return undefined;
  return parsesSoFar(line.replaceAll(/<(?:id|run)>/g, RUN).replaceAll(/<[^>]+>|…/g, 'acme')) || undefined;
}

test.each(named)('inline code of %s exists', (_, { spans }) => {
  const wrong = spans.flatMap(({ at, text }) => {
    const problem = spanProblem(text);
    return problem === undefined ? [] : [`${at}: ${text}: ${problem}`];
  });
  expect(wrong).toEqual([]);
});

test.each([
  ['yaml', 'staging: { keepUser: [ada] }', '', /keepUser/],
  ['yaml', 'blockHttp: perhaps', 'part of staging', /blockHttp/],
  ['yaml', 'blockHttp: true', '', /part of/],
  ['json', '{ "a": }', '', /JSON/],
  ['groovy', 'syncStagingToProduction()', '', /no step/],
  ['groovy', "syncProductionToStaging(sight: 'acme')", '', /no sight/],
  ['sql', 'GRANT ALL ON *.* TO root;', '', /none of/],
  ['', 'understudy sync acme --force', '', /force/],
  ['', 'rm -rf /srv', '', /not run/],
  ['', 'understudy status', '', /no test runs it/],
  ['', 'understudy status', 'run by: no-such.test.ts', /linesRunBy/],
  ['', 'understudy status', 'run by: architecture-page.test.ts', /linesRunBy/],
  ['sh', 'understudy statsu', 'not run: it is a mistake', /statsu/],
  ['sh', 'npm run fly', 'not run: short', /no script/],
])('a wrong block of %s is found: %s', async (language, text, comment, problem) => {
  const problems = await checkBlock({ at: 'here', language, text, comment });
  expect(problems.join('\n')).toMatch(problem);
});

test('every example is on a page of an architecture, and every page in their index', () => {
  const folder = 'docs/architectures';
  const linked = (file: string): string[] =>
    readPage(file).links.map(({ text }) => path.posix.normalize(path.posix.join(folder, text)));
  const own = pages.map(({ file }) => file).filter((file) => file.startsWith(`${folder}/`));
  const index = `${folder}/README.md`;
  const examples = readdirSync('sites/examples').filter((name) => /^[a-z].*\.yaml$/.test(name));
  expect(own.filter((file) => file !== index && !linked(index).includes(file))).toEqual([]);
  const shown = own.filter((file) => file !== index).flatMap(linked);
  expect(examples.filter((name) => !shown.includes(`sites/examples/${name}`))).toEqual([]);
});
