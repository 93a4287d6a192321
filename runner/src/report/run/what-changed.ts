import { formatBytes, formatCount } from '../format.js';
import { countTable, numbers, section } from '../page/page-parts.js';
import { reasonWords, several } from '../people-words.js';
import { type RunReport, type StageReport } from './run-report.js';

/** Files by folder, tables by rows, addresses by table, and what of production stays. */
export const whatChanged = (report: RunReport): string =>
  section(
    'What changed',
    [
      changeNumbers(report),
      filesTable(report),
      rowsTable(report),
      rewrittenTable(report),
      leftTable(report),
    ].join(''),
  );

const factOf = (stages: readonly StageReport[], stage: string, name: string): number | undefined => {
  const value = stages.find((one) => one.name === stage)?.facts[name];
  return typeof value === 'number' ? value : undefined;
};

function changeNumbers({ stages }: RunReport): string {
  const fact = (stage: string, name: string): number | undefined => factOf(stages, stage, name);
  const [created, updated] = [fact('sync-content', 'new files'), fact('sync-content', 'changed files')];
  const bytes = fact('sync-content', 'bytes of new and changed files') ?? 0;
  const entries: [string, number | undefined, string][] = [
    ['new files', created, ''],
    ['changed files', updated, ''],
    ['deleted files', fact('sync-content', 'deleted files'), ''],
    ['of new and changed files', created === undefined ? undefined : bytes, 'bytes'],
    ['tables', fact('import-database', 'tables'), ''],
    ['rows', fact('import-database', 'rows'), ''],
    ['addresses rewritten', fact('rewrite-urls', 'replacements'), ''],
  ];
  const shown = entries.flatMap(([words, value, unit]): [string, string][] =>
    value === undefined ? [] : [[unit === 'bytes' ? formatBytes(value) : formatCount(value), words]],
  );
  return shown.length === 0 ? '' : numbers(shown);
}

function filesTable({ counts }: RunReport): string {
  const { rows = [], more = 0 } = counts.folders ?? {};
  if (rows.length === 0) return '';
  return `<h3>Files by folder</h3>${countTable({
    caption: 'Two levels deep, the folders with the most files first; “.” is the document root.',
    columns: ['Folder', 'New', 'Changed', 'Deleted', 'Size'],
    rows: rows.map(({ name, values: [created = 0, updated = 0, deleted = 0, bytes = 0] }) => [
      name,
      formatCount(created),
      formatCount(updated),
      formatCount(deleted),
      formatBytes(bytes),
    ]),
    more,
  })}`;
}

function rowsTable({ counts, rowsBefore }: RunReport): string {
  const { rows = [], more = 0 } = counts.rows ?? {};
  if (rows.length === 0) return '';
  const isFirst = rowsBefore.size === 0;
  const lines = rows.map(({ name, values: [now = 0] }) => ({ name, now, before: rowsBefore.get(name) }));
  if (!isFirst) lines.sort((a, b) => differenceOf(b) - differenceOf(a) || b.now - a.now);
  const gone = [...rowsBefore.keys()].filter((name) => more === 0 && !rows.some((row) => row.name === name));
  const same = lines.filter((line) => line.before === line.now).length;
  const caption = isFirst
    ? 'The largest tables first. The next run compares its copy with this one.'
    : `Compared with the former copy, those that changed most first; ${several(same, 'table has', 'tables have')} as many rows as before.`;
  return `<h3>Rows by table</h3>${countTable({
    caption,
    columns: isFirst ? ['Table', 'Rows'] : ['Table', 'Before', 'Now', 'Difference'],
    rows: lines.map(({ name, now, before }) =>
      isFirst
        ? [name, formatCount(now)]
        : [
            name,
            before === undefined ? 'new' : formatCount(before),
            formatCount(now),
            signed(now - (before ?? 0)),
          ],
    ),
    more,
  })}${gone.length === 0 ? '' : countTable({ caption: 'Tables that the copy does not have any more', columns: ['Table', 'Before'], rows: gone.map((name) => [name, formatCount(rowsBefore.get(name) ?? 0)]) })}`;
}

const differenceOf = ({
  now,
  before,
}: {
  readonly now: number;
  readonly before?: number | undefined;
}): number => Math.abs(now - (before ?? 0));

const signed = (count: number): string =>
  count === 0 ? '0' : `${count > 0 ? '+' : '−'}${formatCount(Math.abs(count))}`;

function rewrittenTable({ counts, about }: RunReport): string {
  const { rows = [], more = 0 } = counts.rewritten ?? {};
  if (rows.length === 0) return '';
  return `<h3>Addresses rewritten by table</h3>${countTable({
    caption: `Mentions of ${about.production} that became ${about.staging}.`,
    columns: ['Table', 'Values', 'Addresses'],
    rows: rows.map(({ name, values: [values = 0, replacements = 0] }) => [
      name,
      formatCount(values),
      formatCount(replacements),
    ]),
    more,
  })}`;
}

function leftTable({ counts }: RunReport): string {
  const { rows = [], more = 0 } = counts.left ?? {};
  if (rows.length === 0) return '';
  const table = countTable({
    caption: 'Left on purpose. The search for leaks counts every other mention as a fault.',
    columns: ['Column, and why', 'Mentions'],
    rows: rows.map(({ name, values: [count = 0] }) => [
      name.replace(/: (\w+)$/, (_, reason: string) => `: ${reasonWords(reason)}`),
      formatCount(count),
    ]),
    more,
  });
  return `<h3>Mentions of production that stay</h3>${table}`;
}
