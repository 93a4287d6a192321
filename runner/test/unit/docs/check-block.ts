import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { siteSchema } from '../../../src/config/schema/site-schema.js';
import { parses } from '../cli/parses.js';
import { problemLines, siteText } from '../config/load-in-memory.js';
import { grantProblem } from './grants-of-docs.js';
import { type Block, RUN_BY } from './markdown.js';

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merged = (under: Tree, over: Tree): Tree => {
  const result: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = under[key];
    result[key] = isTree(below) && isTree(value) ? merged(below, value) : value;
  }
  return result;
};

const MINIMAL = parse(siteText()) as Tree;
const TOP_KEYS = Object.keys(siteSchema.properties ?? {});

/** Reasons why a block is not looked at; the other comment says where a piece of a site file belongs. */
const NOT_RUN = /^not run: \S.{9,}/;
const PART_OF = /^part of ([a-z]+(?:\.[a-zA-Z]+)*)$/;

const SHELLS: ReadonlySet<string> = new Set(['', 'sh', 'bash']);
/** Made from the program: usages, and its own examples. They are parsed, and no page about how to do something. */
const MADE_FROM_PROGRAM = 'docs/commands.md:';

/** What is wrong with a block; empty: nothing, or it says why it is not looked at. */
export async function checkBlock(block: Block): Promise<readonly string[]> {
  if (block.language === 'text') return [];
  if (SHELLS.has(block.language)) return [...checkShell(block), ...checkRuns(block)];
  if (NOT_RUN.test(block.comment)) return [];
  switch (block.language) {
    case 'yaml':
      return checkSiteFile(block);
    case 'json':
      return checkJson(block.text);
    case 'groovy':
      return checkSteps(block.text);
    case 'sql':
      return statementsOf(block.text).flatMap((statement) => grantProblem(statement) ?? []);
    default:
      return [`nothing here looks at ${block.language}: say why above it, <!-- not run: … -->`];
  }
}

/** A whole site file, the defaults of all, or a part, which is laid over the smallest site file. */
async function checkSiteFile({ text, comment }: Block): Promise<readonly string[]> {
  if (text.startsWith('# sites/_defaults.yaml'))
    return problemLines({ '_defaults.yaml': text, 'acme.yaml': siteText() });
  const value: unknown = parse(text);
  if (!isTree(value)) return ['it holds no mapping'];
  const place = PART_OF.exec(comment)?.[1]?.split('.') ?? [];
  const tree = place.reduceRight<Tree>((inner, key) => ({ [key]: inner }), value);
  if (Object.keys(tree).every((key) => !TOP_KEYS.includes(key)))
    return ['it is no site file: say where it belongs, <!-- part of … -->, or <!-- not run: … -->'];
  const isWhole = ['type', 'production', 'staging'].every((key) => key in tree);
  return problemLines({ 'acme.yaml': isWhole ? text : stringify(merged(MINIMAL, tree)) });
}

function checkJson(text: string): readonly string[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** Calls at the start of a line are steps of the library, and their arguments are named in their sources. */
const checkSteps = (text: string): readonly string[] =>
  [...text.matchAll(/^(\w+)\((.*)\)/gm)].flatMap(([, step = '', given = '']) => {
    if (!existsSync(`vars/${step}.groovy`)) return [`there is no step ${step}`];
    const sources = [step, 'understudySettings']
      .map((name) => readFileSync(`vars/${name}.groovy`, 'utf8'))
      .join('\n');
    return [...given.replaceAll(/'[^']*'|\{[^}]*\}/g, '').matchAll(/(\w+):/g)]
      .map(([, name = '']) => name)
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))
      .map((name) => `${step} knows no ${name}`);
  });

export const statementsOf = (text: string): readonly string[] =>
  text
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');

const SCRIPTS = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** A block of shell names the test that runs its lines, or says why none does. */
function checkRuns({ at, comment }: Block): readonly string[] {
  if (at.startsWith(MADE_FROM_PROGRAM) || NOT_RUN.test(comment)) return [];
  const test = RUN_BY.exec(comment)?.[1];
  if (test === undefined)
    return ['no test runs it: say which does above it, <!-- run by: … -->, or why none, <!-- not run: … -->'];
  const file = readdirSync('runner/test', { recursive: true, encoding: 'utf8' }).find(
    (name) => path.basename(name) === test,
  );
  const runs =
    file !== undefined &&
    readFileSync(path.join('runner/test', file), 'utf8').includes(`linesRunBy('${test}')`);
  return runs ? [] : [`${test} does not ask for the lines that it runs: linesRunBy('${test}')`];
}

/**
 * Every line is a command of Understudy that the command line takes, or a script of package.json; where a block says why
 * it is not run, it may hold other programs as well.
 */
const checkShell = ({ text, comment }: Block): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, '')
        .replace(/^\s*(\$ )?(\w+=\S* )*/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('export '))
    .flatMap((line) => lineProblem(line, NOT_RUN.test(comment)) ?? []);

function lineProblem(line: string, others: boolean): string | undefined {
  const own = line.split(' | ').find((part) => part.startsWith('understudy '));
  const [program, first = '', second = ''] = (own ?? line).split(/\s+/);
  if (program === 'understudy') {
    const said = parses((own ?? '').slice('understudy'.length).trim());
    return said === '' ? undefined : `${line}: ${said}`;
  }
  if (program === 'npm') {
    const script = first === 'run' ? second : first;
    return [...SCRIPTS, 'ci'].includes(script) ? undefined : `${line}: package.json has no script ${script}`;
  }
  return others ? undefined : `${line}: nothing here runs it: say why above the block, <!-- not run: … -->`;
}
