import { formatBytes, formatCount, formatSeconds } from './format.js';
import { type Weight } from './page/page-parts.js';

type Value = string | number | boolean;
type Show = (value: number) => string;

/** Names of metrics as stages record them: what people call them, and how their numbers are written. */
const METRICS: Readonly<Record<string, readonly [string, Show?]>> = {
  'bytes of new and changed files': ['size of new and changed files', formatBytes],
  'bytes through the runner': ['sent through the runner', formatBytes],
  files: ['files of the backup'],
  bytes: ['size of the backup', formatBytes],
  rawBytes: ['size as SQL', formatBytes],
  productionSeconds: ["time of the backup on production's server", formatSeconds],
  productionDiskBytes: ["read from the disk by production's server meanwhile", formatBytes],
  productionLockWaits: ["waits for locks on production's server meanwhile, anybody's"],
  productionLockMilliseconds: [
    "longest wait for a row on production's server meanwhile, anybody's",
    (value) => `at most ${formatSeconds(value / 1000)}`,
  ],
  productionPoolPercent: [
    'of its buffer pool read anew meanwhile, for anybody',
    (value) => `${String(value)} %`,
  ],
  values: ['values changed'],
  replacements: ['addresses rewritten'],
  rewriteSeconds: ['time to rewrite', formatSeconds],
  proofSeconds: ['time to search for leaks', formatSeconds],
  pagesRead: ['staging pages read'],
  mode: ['how the copy is made'],
};
const MODES: Readonly<Record<string, string>> = {
  swap: 'beside the live database, exchanged at the end',
  replace: 'in place of the live database, behind a maintenance page',
};

/** Why a mention of production stays: the names of the rewriter's counts. */
const REASONS: Readonly<Record<string, string>> = {
  keys: 'names of keys and properties, which are never changed',
  subdomains: 'subdomains that the site file does not name',
  ports: 'other ports of the host',
  emails: 'e-mail addresses',
  brokenSerialized: 'serialized values that PHP cannot read',
  base64: 'inside base64',
  binary: 'binary data with lengths of its own',
  opaque: 'objects with a format of their own',
  userinfo: 'addresses that name a user',
  otherHosts: 'other hosts with a similar name',
  pathSegments: 'folders that have the name of the host',
  otherPaths: 'paths of the host that the site file does not name',
};

export const reasonWords = (reason: string): string => REASONS[reason] ?? reason;

/** A metric of a stage in people's words. */
export function metricWords(name: string, value: Value): readonly [string, string] {
  const reason = /^left: (\w+)$/.exec(name)?.[1];
  if (reason !== undefined) return [`left: ${reasonWords(reason)}`, shownValue(value)];
  const [words = name, show] = METRICS[name] ?? [];
  if (name === 'mode') return [words, MODES[String(value)] ?? String(value)];
  return [words, shownValue(value, show)];
}

const shownValue = (value: Value, show: Show = formatCount): string =>
  typeof value === 'number' ? show(value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;

/** State of a stage or a run: a colour and a word. */
export const STATE_LOOK: Readonly<Record<string, readonly [Weight, string]>> = {
  complete: ['good', 'done'],
  failed: ['bad', 'failed'],
  aborted: ['note', 'stopped'],
  skipped: ['note', 'skipped'],
  running: ['note', 'not ended'],
  missing: ['note', 'not reached'],
};
