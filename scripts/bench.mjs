// `npm run bench`: every benchmark of runner/bench, or the named ones; `npm run bench -- classic --size large`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setUp, top } from './setup.mjs';

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
for (const name of names.length > 0 ? names : all) {
  console.log(`\n== ${name}`);
  const argv = ['--import', 'tsx', `runner/bench/${name}.ts`, ...options];
  const { status } = spawnSync(process.execPath, argv, { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exitCode = 1;
}
