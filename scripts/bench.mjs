// `npm run bench`: every benchmark of runner/bench, or the named ones; `npm run bench -- classic --size large`.
// What each one shows is also in build/bench/<name>.md, with the command, the date and the machine.
import './setup/check-node.mjs';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setUp, top } from './setup.mjs';
import { runCommand } from './test/run-command.mjs';

/** Those that copy a world know its sizes; the others take a number of their own. */
const sized = ['classic', 'limits', 'network', 'stage6', 'sync', 'transfer', 'witness'];
const all = readdirSync(path.join(top, 'runner/bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const firstOption = process.argv.findIndex((word, index) => index > 1 && word.startsWith('-'));
const names = process.argv.slice(2, firstOption === -1 ? undefined : firstOption);
const options = firstOption === -1 ? [] : process.argv.slice(firstOption);
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}

setUp();
const tsx = ['node', '--import', 'tsx'];
const machine = execFileSync(process.execPath, [...tsx.slice(1), 'runner/bench/support/print-machine.ts'], {
  cwd: top,
  encoding: 'utf8',
}).trim();
for (const name of names.length > 0 ? names : all)
  await measure(name, names.length > 0 || sized.includes(name) ? options : []);

async function measure(name, words) {
  console.log(`\n== ${name}`);
  const { ok, output } = await runCommand(top, [...tsx, `runner/bench/${name}.ts`, ...words]);
  if (!ok) process.exitCode = 1;
  else keep([name, ...words], output);
}

/** The tables of the output, or all of it where there is none. */
function keep(words, output) {
  const tables = output.split('\n').filter((line) => line === '' || line.startsWith('|'));
  const body = tables.some((line) => line !== '')
    ? tables.join('\n').replaceAll(/\n{3,}/g, '\n\n')
    : `\`\`\`\n${output.trim()}\n\`\`\``;
  const file = path.join(top, 'build/bench', `${words.join('-').replaceAll(/-+(size-)?/g, '-')}.md`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `\`npm run bench -- ${words.join(' ')}\`, ${machine}\n\n${body.trim()}\n`);
  console.log(`kept in ${path.relative(top, file)}`);
}
