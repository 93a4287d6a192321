import { type EventBody, type RunEvent } from './event-log.js';

type Kind = 'text' | 'number' | 'truth' | 'texts' | 'metrics' | 'metric' | 'rows' | 'runs';
type Fields = Readonly<Record<string, Kind | readonly [Kind]>>;

/** Fields of each event, as its type declares them; in brackets: may be left out. */
const FIELDS: Readonly<Record<EventBody['type'], Fields>> = {
  'run-started': { parameters: 'metrics', resumed: 'truth', about: ['metrics'] },
  'stage-started': { stage: 'text', label: 'text' },
  step: { stage: ['text'], text: 'text' },
  progress: { stage: ['text'], done: 'number', total: ['number'], unit: 'text' },
  fact: { stage: ['text'], name: 'text', value: 'metric' },
  counts: { stage: ['text'], list: 'text', rows: 'rows', more: 'number' },
  history: { runs: 'runs', rows: 'rows', wordpress: ['metrics'] },
  finding: {
    stage: ['text'],
    severity: 'text',
    code: 'text',
    message: 'text',
    details: ['texts'],
    host: ['text'],
    next: ['text'],
  },
  'stage-finished': { stage: 'text', state: 'text', seconds: 'number', summary: 'text' },
  error: {
    stage: ['text'],
    code: 'text',
    message: 'text',
    next: 'text',
    details: 'texts',
    host: ['text'],
    command: ['text'],
    stderr: ['text'],
  },
  'run-finished': { state: 'text', exitCode: 'number' },
};
const COMMON: Fields = { time: 'text', run: 'text', site: 'text', type: 'text' };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isRow = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['name'] === 'string' &&
  Array.isArray(value['values']) &&
  value['values'].every((one) => typeof one === 'number');

const isRun = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['run'] === 'string' &&
  typeof value['state'] === 'string' &&
  typeof value['seconds'] === 'number' &&
  typeof value['bytes'] === 'number';

const isMetric = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  truth: (value) => typeof value === 'boolean',
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  metrics: (value) => isObject(value) && Object.values(value).every(isMetric),
  metric: isMetric,
  rows: (value) => Array.isArray(value) && value.every(isRow),
  runs: (value) => Array.isArray(value) && value.every(isRun),
};

const hasFields = (value: Readonly<Record<string, unknown>>, fields: Fields): boolean =>
  Object.entries(fields).every(([name, kind]) =>
    typeof kind === 'string' ? IS[kind](value[name]) : value[name] === undefined || IS[kind[0]](value[name]),
  );

/** One line of `events.ndjson`, which may have come from a host; undefined when it is no event. */
export function parseEvent(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const event = value as Readonly<Record<string, unknown>>;
  const type = event['type'];
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return undefined;
  const fields = FIELDS[type as EventBody['type']];
  return hasFields(event, COMMON) && hasFields(event, fields) ? (value as RunEvent) : undefined;
}
