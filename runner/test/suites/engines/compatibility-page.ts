import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CellResult } from '../../../../sandbox/engines/cell.js';
import { type EngineWorld, type Pair } from '../../../../sandbox/engines/engine-world.js';
import { engineNames, type EngineName } from '../../../../sandbox/engines/engines.js';
import { projectFolder } from '../../../../sandbox/runner.js';

type Cells = readonly { readonly pair: Pair; readonly result: CellResult }[];

/** docs/compatibility.md from what the suite saw. Written only when every cell of the matrix ran. */
export function writeCompatibilityPage(world: EngineWorld, cells: Cells): void {
  if (cells.length < engineNames.length ** 2 * 2) return;
  const version = (engine: EngineName) => world.side('staging', engine).server.version.replace(/-.*/, '');
  const title = (engine: EngineName) => `${engine === 'mysql' ? 'MySQL' : 'MariaDB'} ${version(engine)}`;
  const head = ['production ↓ staging →', ...engineNames.map(title)];
  const rows = engineNames.map((production) => [
    title(production),
    ...engineNames.map((staging) =>
      summary(cells.filter(({ pair }) => pair.production === production && pair.staging === staging)),
    ),
  ]);
  const page = [
    '# Database servers',
    '',
    `Made by \`npm run suites -- engines\` on ${new Date().toISOString().slice(0, 10)}. Each pair was synced twice: in swap mode with the client programs of the servers' own vendors, and in replace mode with the other vendor's. Every row of every table was compared by a hash of its own.`,
    '',
    ...table(head, rows),
    '',
    'yes: WordPress and every kind of table came over, row by row. A number: so many kinds cannot be held there; the preflight names each table and column before anything is dumped, and without them everything came over.',
    '',
    '## What cannot go where',
    '',
    ...table(['production', 'staging', 'kinds that staging cannot hold'], refusals(cells, title)),
    '',
    '## What the copy lacks, and the preflight says so',
    '',
    ...losses(cells, title),
    '',
  ];
  writeFileSync(path.join(projectFolder, 'docs/compatibility.md'), page.join('\n'));
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => ' --- |').join('')}`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
];

function summary(cells: Cells): string {
  if (cells.some(({ result }) => result.problems.length > 0)) return '**fails**';
  const refused = new Set(cells.flatMap(({ result }) => result.refused)).size;
  return refused === 0 ? 'yes' : `yes, but ${String(refused)}`;
}

const refusals = (cells: Cells, title: (engine: EngineName) => string): string[][] =>
  cells
    .filter(({ pair, result }) => pair.mode === 'swap' && result.refused.length > 0)
    .map(({ pair, result }) => [
      title(pair.production),
      title(pair.staging),
      result.refused.map((name) => name.replace(/^(mariadb|mysql)_/, '').replaceAll('_', ' ')).join(', '),
    ]);

function losses(cells: Cells, title: (engine: EngineName) => string): string[] {
  const lines = cells
    .filter(({ pair }) => pair.mode === 'swap')
    .flatMap(({ pair, result }) =>
      result.warnings.map((warning) => `- ${title(pair.production)} → ${title(pair.staging)}: ${warning}`),
    );
  return lines.length === 0 ? ['Nothing.'] : lines;
}
