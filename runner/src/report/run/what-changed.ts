import { several } from '../../errors/index.js';
import { formatBytes, formatCount } from '../format.js';
import { type FileList } from '../events/event-log.js';
import { countTable, listOf, numbers, section } from '../page/page-parts.js';
import { reasonWords } from '../labels.js';
import { metricOf, type RunReport } from './run-report.js';

/** Files by folder, tables by rows, addresses by table, and what of production stays. */
export const whatChanged = (report: RunReport): string =>
  section(
    'What changed',
    [
      changeNumbers(report),
      filesTable(report),
      fileNames(report),
      rowsTable(report),
      rewrittenTable(report),
      leftTable(report),
    ].join(''),
  );

function changeNumbers({ stages }: RunReport): string {
  const metric = (stage: string, name: string): number | undefined => metricOf(stages, stage, name);
  const [created, updated] = [metric('sync-content', 'new files'), metric('sync-content', 'changed files')];
  const bytes = metric('sync-content', 'bytes of new and changed files') ?? 0;
  const entries: [string, number | undefined, string][] = [
    ['new files', created, ''],
    ['changed files', updated, ''],
    ['deleted files', metric('sync-content', 'deleted files'), ''],
    ['of new and changed files', created === undefined ? undefined : bytes, 'bytes'],
    ['tables', metric('import-database', 'tables'), ''],
    ['rows', metric('import-database', 'rows'), ''],
    ['addresses rewritten', metric('rewrite-urls', 'replacements'), ''],
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

const FILE_LISTS: Readonly<Record<FileList, string>> = {
  newFiles: 'new file',
  changedFiles: 'changed file',
  deletedFiles: 'deleted file',
};

/** The files themselves, each kind folded. */
const fileNames = ({ counts }: RunReport): string =>
  Object.entries(FILE_LISTS)
    .map(([list, words]) => {
      const { rows = [], more = 0 } = counts[list as FileList] ?? {};
      if (rows.length === 0) return '';
      const lines = rows.map(({ name, values: [bytes] }) =>
        bytes === undefined ? name : `${name} (${formatBytes(bytes)})`,
      );
      const beyond = more === 0 ? [] : [`and ${formatCount(more)} more, which were not noted`];
      const names = listOf([...lines, ...beyond]);
      return `<details><summary>${several(rows.length + more, words)} by name</summary>${names}</details>`;
    })
    .join('');

function rowsTable({ counts, rowsBefore }: RunReport): string {
  const { rows = [], more = 0 } = counts.rows ?? {};
  if (rows.length === 0) return '';
  const lines = rows.map(({ name, values: [now = 0] }) => ({ name, now, before: rowsBefore.get(name) }));
  const gone = [...rowsBefore.keys()].filter((name) => more === 0 && !rows.some((row) => row.name === name));
  const table = rowsBefore.size === 0 ? firstRows(lines, more) : changedRows(lines, more);
  return `<h3>Rows by table</h3>${table}${countTable({
    caption: 'Tables that the copy no longer has',
    columns: ['Table', 'Before'],
    rows: gone.map((name) => [name, formatCount(rowsBefore.get(name) ?? 0)]),
  })}`;
}

interface RowLine {
  readonly name: string;
  readonly now: number;
  /** Undefined: the table is new. */
  readonly before: number | undefined;
}

const firstRows = (lines: readonly RowLine[], more: number): string =>
  countTable({
    caption: 'The largest tables first. The next run compares its copy with this one.',
    columns: ['Table', 'Rows'],
    rows: lines.map(({ name, now }) => [name, formatCount(now)]),
    more,
  });

/** Tables with as many rows as before are folded: they say nothing new. */
function changedRows(lines: readonly RowLine[], more: number): string {
  const changed = lines.filter(({ now, before }) => before !== now);
  const same = lines.filter(({ now, before }) => before === now);
  const folded = countTable({
    caption: 'The largest first.',
    columns: ['Table', 'Rows'],
    rows: same.map(({ name, now }) => [name, formatCount(now)]),
    more,
  });
  const words = `${several(same.length, 'table has', 'tables have')} as many rows as before`;
  return [
    changed.length === 0
      ? '<p>No table has more or fewer rows than in the former copy.</p>'
      : countTable({
          caption: 'Compared with the former copy, those that changed most first.',
          columns: ['Table', 'Before', 'Now', 'Difference'],
          rows: changed
            .toSorted((a, b) => differenceOf(b) - differenceOf(a) || b.now - a.now)
            .map(({ name, now, before }) => [
              name,
              before === undefined ? 'new' : formatCount(before),
              formatCount(now),
              signed(now - (before ?? 0)),
            ]),
        }),
    same.length === 0 ? '' : `<details><summary>${words}</summary>${folded}</details>`,
  ].join('');
}

const differenceOf = ({ now, before }: RowLine): number => Math.abs(now - (before ?? 0));

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
