/** One row of the campaign: a fault at a step of a command, and what came of it. */
export interface FaultRow {
  /** `sync, swap | Importing rows | SIGKILL`; rows are chosen by it. */
  readonly id: string;
  readonly command: string;
  readonly step: string;
  readonly fault: string;
  /** How the command ended, what staging (or production) served then, and what the next command made of it. */
  readonly outcome: string;
  /** What must not be; empty where all is as promised. */
  readonly wrong: readonly string[];
  readonly seconds: number;
}

/** A row that can be tried. */
export interface PlannedRow extends Pick<FaultRow, 'id' | 'command' | 'step' | 'fault'> {
  /** @returns undefined where this fault cannot happen at this step */
  try(): Promise<Pick<FaultRow, 'outcome' | 'wrong'> | undefined>;
}

export const rowId = (command: string, step: string, fault: string): string =>
  `${command} | ${step} | ${fault}`;

/** Whether a row is meant by `--only`: a pattern with `*`, anywhere in the id, letter case aside. */
export function isChosen(id: string, patterns: readonly string[]): boolean {
  const expression = (pattern: string): RegExp => new RegExp(pattern.split('*').map(escape).join('.*'), 'i');
  return patterns.length === 0 || patterns.some((pattern) => expression(pattern).test(id));
}

const escape = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

export const renderRow = ({ id, outcome, wrong, seconds }: FaultRow): string =>
  `${wrong.length === 0 ? 'ok ' : 'NO '} ${id}: ${outcome} (${seconds.toFixed(0)} s)${wrong.map((each) => `\n      ✗ ${each}`).join('')}`;
