/** One field of a cron text. */
interface CronField {
  /** When it matches; of a hashed field, one of these, and only Jenkins knows which. */
  readonly values: readonly number[];
  /** It holds an `H`, for which Jenkins puts a value that it makes from the job's name. */
  readonly isHashed: boolean;
  /** `H/15`: it repeats in steps of this many; 0 where it does not. */
  readonly step: number;
}

export interface CronText {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  /** 0 is Sunday. */
  readonly dayOfWeek: CronField;
}

/** What Jenkins puts for them (hudson.scheduler.CronTab). */
const ALIASES: Readonly<Record<string, string>> = {
  '@yearly': 'H H H H *',
  '@annually': 'H H H H *',
  '@monthly': 'H H H * *',
  '@weekly': 'H H * * H',
  '@daily': 'H H * * *',
  '@midnight': 'H H(0-2) * * *',
  '@hourly': 'H * * * *',
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Bounds of each field, the highest value that `H` takes there, and its names. A day of the month by `H` is one of 1 to 28. */
const FIELDS = {
  minute: { low: 0, high: 59, highest: 59, names: [] as readonly string[] },
  hour: { low: 0, high: 23, highest: 23, names: [] as readonly string[] },
  dayOfMonth: { low: 1, high: 31, highest: 28, names: [] as readonly string[] },
  month: { low: 1, high: 12, highest: 12, names: ['', ...MONTHS] as readonly string[] },
  dayOfWeek: { low: 0, high: 7, highest: 6, names: DAYS as readonly string[] },
};

/** Jenkins' cron text (https://www.jenkins.io/doc/book/pipeline/syntax/#cron-syntax); undefined for one that is empty or none. */
export function parseCron(text: string): CronText | undefined {
  const words = (ALIASES[text.trim()] ?? text).trim().split(/\s+/);
  if (words.length !== 5) return undefined;
  const [minute, hour, dayOfMonth, month, week] = words.map((word, index) =>
    fieldOf(word, Object.values(FIELDS)[index] ?? FIELDS.minute),
  );
  if (!minute || !hour || !dayOfMonth || !month || !week) return undefined;
  const dayOfWeek = { ...week, values: [...new Set(week.values.map((day) => day % 7))] };
  return { minute, hour, dayOfMonth, month, dayOfWeek };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly highest: number;
  readonly names: readonly string[];
}

function fieldOf(word: string, bounds: Bounds): CronField | undefined {
  const parts = word.split(',').map((part) => partOf(part, bounds));
  const known = parts.flatMap((part) => part ?? []);
  if (known.length < parts.length) return undefined;
  const values = [...new Set(known.flatMap((part) => part.values))].sort((a, b) => a - b);
  return values.length === 0
    ? undefined
    : {
        values,
        isHashed: known.some(({ isHashed }) => isHashed),
        step: known.length === 1 ? (known[0]?.step ?? 0) : 0,
      };
}

function partOf(part: string, { low, high, highest, names }: Bounds): CronField | undefined {
  const [, range = '', stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  const step = Number(stepText ?? 1);
  const hashed = /^H(?:\((\d+)-(\d+)\))?$/.exec(range);
  if (hashed !== null) {
    const [from, to] = [Number(hashed[1] ?? low), Number(hashed[2] ?? highest)];
    return { values: between(from, to, 1), isHashed: true, step: stepText === undefined ? 0 : step };
  }
  const number = (text: string): number =>
    names.includes(text.toLowerCase()) ? names.indexOf(text.toLowerCase()) : Number(text);
  const [first = '', last] = range.split('-');
  const from = range === '*' ? low : number(first);
  const to = range === '*' ? high : number(last ?? first);
  const values = between(from, to, step).filter((value) => value >= low && value <= high);
  return { values, isHashed: false, step: 0 };
}

const between = (from: number, to: number, step: number): number[] =>
  step < 1 || !(to >= from)
    ? []
    : Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
