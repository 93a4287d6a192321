import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { COMMANDS } from '../../../src/cli/commands.js';
import { isSchemaPath } from './schema-path.js';
import { catalogue } from '../../../src/errors/index.js';
import { parsesSoFar } from './parses.js';

const top = path.resolve(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(top, file), 'utf8');
const sources = readdirSync(path.join(top, 'runner/src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('.generated.'))
  .map((file) => `runner/src/${file}`);

/** A command that a reader would run: after a quote, a colon, `run` or at the start of a line of a code block. */
const COMMAND =
  /(?:[`'"(]|[Rr]un |: |^ *(?:\$ )?)understudy ((?:--sites \S+ )?[a-z]+)((?: (?:--?[a-z][a-z-]*(?:[ =](?:<[^>]+>|\$\{[^}]+\}|\d{8}T\w+-\w+))?|<[^>]+>|\$\{[^}]+\}|acme(?![\w-])|\d{8}T\w+-\w+))*)/gm;

/** Values and placeholders as words: a run id, a stage, else a name. */
const filled = (command: string, words: string): string =>
  `${command}${words}`
    .replace(/<(?:id|run)>|\$\{[^}]*(?:\.id|\brun\b|\.run)[^}]*\}/g, '20261121T201500Z-3f9a1c')
    .replace(/<[^>]+>|\$\{[^}]+\}/g, 'acme');

const commandsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(COMMAND)].map(([, command = '', words = '']) => filled(command, words))),
];

describe('every command that an advice or a message names is one', () => {
  const named = sources.flatMap((file) => commandsIn(read(file)).map((line) => [file, line] as const));
  const advised = Object.values(catalogue).flatMap(({ next }) =>
    commandsIn(next).map((line) => ['the catalogue', line] as const),
  );

  test('there are some', () => {
    expect(named.length).toBeGreaterThan(60);
    expect(advised.length).toBeGreaterThan(8);
  });

  test.each([...advised, ...named])('%s: understudy %s', (_, line) => {
    const [name = ''] = line.replace(/^--sites \S+ /, '').split(' ');
    expect(['help', ...COMMANDS.map((command) => command.name)]).toContain(name);
    expect(parsesSoFar(line)).toBe('');
  });
});

describe('every key that an advice names is in the schema', () => {
  const KEY =
    /(?<![\w./@-])((?:production|staging|content|database|rewrite|run|maintenance|archive|publish|notify|ssh|http)(?:\.[a-z][A-Za-z]*)+)(?![\w/-]|\.[a-z])/g;
  const keysIn = (text: string): string[] => [...new Set([...text.matchAll(KEY)].map(([key]) => key))];
  const named = [
    ...Object.entries(catalogue).flatMap(([code, { next, title }]) =>
      keysIn(`${title} ${next}`).map((key) => [code, key] as const),
    ),
  ].filter(([, key]) => !/\.(?:ts|md|php|sql|css|json|html|cjs|com|net|test|example)$/.test(key));

  test.each(named)('%s: %s', (_, key) => {
    expect(isSchemaPath(key)).toBe(true);
  });
});
