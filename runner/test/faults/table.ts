import { type FaultRow } from './row.js';

export const TABLE_BEGIN = '<!-- the campaign: npm run test:faults -- --write -->';
export const TABLE_END = '<!-- end of the campaign -->';

/** Fault × step → outcome, with counts, as Markdown: one table per command, its rows by fault. */
export function renderTable(rows: readonly FaultRow[]): string {
  const parts = groups(rows, ({ command }) => command).map(([command, ofCommand]) => {
    const lines = groups(ofCommand, ({ fault }) => fault).map(([fault, ofFault]) => {
      const outcomes = groups(ofFault, ({ outcome }) => outcome).map(
        ([outcome, same]) =>
          `${outcome} ×${String(same.length)}: ${[...new Set(same.map(({ step }) => step))].join(', ')}`,
      );
      return `| ${fault} | ${String(ofFault.length)} | ${outcomes.map(cell).join('<br>')} | ${String(countWrong(ofFault))} |`;
    });
    return [
      `### ${command}`,
      '',
      '| fault | rows | outcome ×count: steps | wrong |',
      '| --- | ---: | --- | ---: |',
      ...lines,
    ].join('\n');
  });
  const total = `${String(rows.length)} rows, ${String(countWrong(rows))} wrong.`;
  return `${TABLE_BEGIN}\n\n${total}\n\n${parts.join('\n\n')}\n\n${TABLE_END}`;
}

const countWrong = (rows: readonly FaultRow[]): number => rows.filter(({ wrong }) => wrong.length > 0).length;

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

function groups(rows: readonly FaultRow[], key: (row: FaultRow) => string): [string, FaultRow[]][] {
  const found = new Map<string, FaultRow[]>();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return [...found];
}

/** The page with the table of these rows in the place of the former one. @throws where the page has no place for it */
export function withTable(page: string, rows: readonly FaultRow[]): string {
  const [begin, end] = [page.indexOf(TABLE_BEGIN), page.indexOf(TABLE_END)];
  if (begin < 0 || end < begin) throw new Error('the page has no place for the table');
  return page.slice(0, begin) + renderTable(rows) + page.slice(end + TABLE_END.length);
}
