import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../../sandbox/runner.js';
import { isChosen, type PlannedRow, renderRow } from './row.js';
import { openResultFile, type ResultFile } from './result-file.js';
import { promotionRows, Promotions } from './promotion-rows.js';
import { syncRows, Worlds } from './sync-rows.js';
import { renderTable, withTable } from './table.js';

const usage = `npm run test:faults [-- --only PATTERN]… [--fresh] [--list] [--write]

Breaks every step of sync, rollback and promotion in every way, and looks at what is served, at both sides, at what
the command says, and at the next command. Rows that were right in a campaign that was stopped are not tried again.
  --only   rows whose name holds this; * stands for anything: 'sync, swap*kill', 'import rows'
  --fresh  forget former results
  --again  try rows again that were right
  --list   names of the rows
  --write  put the tables of the commands that have results into docs/reliability.md; others stay

Results are lines of build/faults.ndjson: those of several machines are joined by appending them.`;

const RESULTS = path.join(projectFolder, 'build/faults.ndjson');
const PAGE = path.join(projectFolder, 'docs/reliability.md');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      fresh: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [worlds, promotions] = [new Worlds({ disks: process.getuid?.() === 0 }), new Promotions()];
  const rows = [...syncRows(worlds), ...promotionRows(promotions)].filter(({ id }) =>
    isChosen(id, values.only),
  );
  if (values.list) {
    for (const { id } of rows) console.log(id);
    return rows.length === 0 ? 2 : 0;
  }
  if (values.fresh) rmSync(RESULTS, { force: true });
  const results = openResultFile(RESULTS);
  try {
    if (!values.write) await tryAll(rows, results, values.again);
  } finally {
    await worlds.stop();
    await promotions.stop();
  }
  const found = results.rows();
  if (values.write) writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), found));
  const chosen = new Set(rows.map(({ id }) => id));
  const shown = found.filter(({ id }) => chosen.has(id));
  console.log(`\n${renderTable(shown)}`);
  return shown.length > 0 && shown.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

async function tryAll(rows: readonly PlannedRow[], results: ResultFile, again: boolean): Promise<void> {
  const right = new Set(results.rows().flatMap(({ id, wrong }) => (wrong.length === 0 ? [id] : [])));
  for (const { try: attempt, ...row } of rows) {
    if (!again && right.has(row.id)) continue;
    const start = performance.now();
    const found = await attempt().catch((error: unknown) => ({
      outcome: 'the campaign itself failed',
      wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }));
    if (found === undefined) continue;
    const result = { ...row, ...found, seconds: (performance.now() - start) / 1000 };
    results.add(result);
    console.log(renderRow(result));
  }
}

process.exitCode = await main();
