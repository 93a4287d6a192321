// Writes everything that is made from other files; `--check` exits 1 and names what differs.
// To add a generated file, write a module in scripts/generate/ and put its GeneratedFile into the list.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compatibilityPage } from './generate/compatibility-page.js';
import { siteFileTypes } from './generate/config-files.js';
import { type GeneratedFile } from './generate/generated-file.js';
import { commandsPage } from './generate/commands-page.js';
import { errorsPage } from './generate/errors-page.js';
import { outsidePage } from './generate/outside-page.js';
import { siteFilePage } from './generate/site-file-page.js';
import { jobsForSpecs, pipelinesForSpecs, stepHelp } from './generate/jenkins-help.js';
import { searchModule } from './generate/search-module.js';
import { TOP } from './generate/site-schema.js';

const files: readonly GeneratedFile[] = [
  siteFileTypes,
  searchModule,
  siteFilePage,
  errorsPage,
  commandsPage,
  outsidePage,
  compatibilityPage,
  ...stepHelp,
  pipelinesForSpecs,
  jobsForSpecs,
];

const check = process.argv.includes('--check');
let different = 0;
for (const file of files) {
  const target = path.join(TOP, file.path);
  const text = await file.render();
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  different += 1;
  if (check) {
    process.stderr.write(`${file.path} differs from what it is made from\n`);
    continue;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  process.stdout.write(`${file.path} written\n`);
}
if (check && different > 0) {
  process.stderr.write('Run npm run generate and commit the result.\n');
  process.exitCode = 1;
}
