import { type FaultRow } from './row.js';

export const TABLE_BEGIN = '<!-- the campaign: npm run test:faults -- --write -->';
export const TABLE_END = '<!-- end of the campaign -->';

/** Fault × step → outcome, with counts, as Markdown: one table per command, its rows by fault. */
export const renderTable = (rows: readonly FaultRow[]): string => framed(sectionsOf(rows));

/** By command. */
function sectionsOf(rows: readonly FaultRow[]): Map<string, string> {
  const sections = groups(rows, ({ command }) => command).map(([command, ofCommand]): [string, string] => {
    const lines = groups(ofCommand, ({ fault }) => fault).map(([fault, ofFault]) => {
      const outcomes = groups(ofFault, ({ outcome }) => outcome).map(
        ([outcome, same]) => `${outcome} ×${String(same.length)}: ${stepsOf(same)}`,
      );
      return `| ${fault} | ${String(ofFault.length)} | ${outcomes.map(cell).join('<br>')} | ${String(countWrong(ofFault))} |`;
    });
    const head = ['| fault | rows | outcome ×count: steps | wrong |', '| --- | ---: | --- | ---: |'];
    return [command, [...head, ...lines].join('\n')];
  });
  return new Map(sections);
}

/** `switch (1, 3), prune (2)`: a step of a promotion has the number of its host behind it. */
function stepsOf(rows: readonly FaultRow[]): string {
  const steps = new Map<string, Set<string>>();
  for (const { step } of rows) {
    const [, name = step, host] = /^(.*) \((\d+)\)$/.exec(step) ?? [];
    const hosts = steps.get(name) ?? new Set();
    steps.set(name, host === undefined ? hosts : hosts.add(host));
  }
  return [...steps]
    .map(([name, hosts]) => (hosts.size === 0 ? name : `${name} (${[...hosts].sort().join(', ')})`))
    .join(', ');
}

function framed(sections: ReadonlyMap<string, string>): string {
  // | fault | rows | outcomes | wrong |
  const counts = [...sections.values()].flatMap((text) =>
    [...text.matchAll(/^\|[^|]*\| (\d+) \|.*\| (\d+) \|$/gm)].map(([, ...found]) => found.map(Number)),
  );
  const sum = (at: number): string => String(counts.reduce((all, count) => all + (count[at] ?? 0), 0));
  const parts = [...sections].map(([command, text]) => `### ${command}\n\n${text}`);
  return `${TABLE_BEGIN}\n\n${sum(0)} rows, ${sum(1)} wrong.\n\n${parts.join('\n\n')}\n\n${TABLE_END}`;
}

const countWrong = (rows: readonly FaultRow[]): number => rows.filter(({ wrong }) => wrong.length > 0).length;

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

function groups(rows: readonly FaultRow[], key: (row: FaultRow) => string): [string, FaultRow[]][] {
  const found = new Map<string, FaultRow[]>();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return [...found];
}

/**
 * The page with the tables of these rows in the places of the former ones. Commands of which no row was tried keep theirs:
 * a campaign may be made in parts, on several machines.
 * @throws where the page has no place for it
 */
export function withTable(page: string, rows: readonly FaultRow[]): string {
  const [begin, end] = [page.indexOf(TABLE_BEGIN), page.indexOf(TABLE_END)];
  if (begin < 0 || end < begin) throw new Error('the page has no place for the table');
  const former = page.slice(begin, end).matchAll(/^### (.+)\n\n((?:\|.*\n)+)/gm);
  const sections = new Map([
    ...[...former].map(([, command = '', text = '']): [string, string] => [command, text.trimEnd()]),
    ...sectionsOf(rows),
  ]);
  return page.slice(0, begin) + framed(sections) + page.slice(end + TABLE_END.length);
}
