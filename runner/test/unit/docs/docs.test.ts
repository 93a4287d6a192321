import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeAt } from '../../../src/config/schema-node.js';
import { siteSchema } from '../../../src/config/schema.generated.js';
import { catalogue } from '../../../src/errors/index.js';
import { createProgram } from '../../../src/cli/program.js';
import { checkBlock } from './check-block.js';
import { readPage, readPages } from './markdown.js';

const pages = readPages();

test.each(pages.map((page) => [page.file, page] as const))(
  'links of %s lead somewhere',
  (file, { links }) => {
    const broken = links.flatMap(({ at, text }) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return [];
      const [target = '', anchor] = text.split('#');
      const found = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
      if (!existsSync(found)) return [`${at}: ${text}`];
      if (anchor === undefined || !found.endsWith('.md')) return [];
      return readPage(found).anchors.has(anchor) ? [] : [`${at}: ${text} has no such heading`];
    });
    expect(broken).toEqual([]);
  },
);

test.each(pages.map((page) => [page.file, page] as const))(
  'blocks of %s are right',
  async (_, { blocks }) => {
    const wrong: string[] = [];
    for (const block of blocks)
      for (const problem of await checkBlock(block)) wrong.push(`${block.at}: ${problem}`);
    expect(wrong).toEqual([]);
  },
);

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
const keys = Object.keys(siteSchema.properties ?? {});

/** What long suites write; it need not be there. */
const MADE_BY_SUITES = ['docs/compatibility.md', 'runner/test/suites/engines/result.json'];

/** What is wrong with a piece of inline code; undefined: nothing, or it speaks of something else. */
function spanProblem(text: string): string | undefined {
  if (/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text))
    return text in catalogue || words.has(text) ? undefined : 'neither an error nor a name of the code';
  if (/^(?:runner|vars|sandbox|scripts|resources|sites\/examples|docs|test)\/[\w./-]+$/.test(text))
    return existsSync(text) || MADE_BY_SUITES.includes(text) ? undefined : 'no such file';
  if (/^[\w-]+\.test\.ts$/.test(text)) return tests.has(text) ? undefined : 'no such test';
  const [key = ''] = /^[a-z]+(?:\.[a-zA-Z]+)+(?=$|:)/.exec(text) ?? [];
  const steps = key.split('.');
  if (steps.length > 1 && keys.includes(steps[0] ?? '') && !/\.(?:ts|json|md|html|ya?ml)$/.test(key))
    return nodeAt(siteSchema, steps) === undefined ? 'the site file has no such key' : undefined;
  const [, name = '', rest = ''] = /^understudy ([a-z-]+)(.*)$/.exec(text) ?? [];
  return name === '' ? undefined : commandProblem(name, rest);
}

const program = createProgram();

function commandProblem(name: string, rest: string): string | undefined {
  if (['help', 'init', 'prepare'].includes(name)) return undefined;
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return 'no such command';
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
  const odd = (rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []).filter((option) => !known.includes(option));
  return odd.length === 0 ? undefined : `no option ${odd.join(', ')}`;
}

test.each(pages.map((page) => [page.file, page] as const))('inline code of %s exists', (_, { spans }) => {
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
  ['sql', 'GRANT ALL ON *.* TO root;', '', /none of/],
  ['', 'understudy sync acme --force', '', /force/],
  ['', 'rm -rf /srv', '', /not run/],
  ['sh', 'npm run fly', 'not run: short', /no script/],
])('a wrong block of %s is found: %s', async (language, text, comment, problem) => {
  const problems = await checkBlock({ at: 'here', language, text, comment });
  expect(problems.join('\n')).toMatch(problem);
});
