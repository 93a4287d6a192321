import { allOf, type Format, matching, notAnOption } from './text.js';

export const word = matching(
  /^[\p{L}\p{N}_][\p{L}\p{N}_.@:/+-]*$/u,
  'must be one word: letters, digits and _ . @ : / + -',
);
/** An argument of a program that runs without a shell. */
export const argument: Format = () => undefined;
export const credentialId = matching(
  /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,199}$/,
  'is not a credentials id: letters, digits and _ . @ - are allowed',
);
export const environmentName = matching(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'is not a name of an environment variable: letters, digits and _ are allowed',
);
export const containerName = matching(
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
  'is not a container name: letters, digits and _ . - are allowed',
);
/** Schemas that the servers keep for themselves. */
const SYSTEM_SCHEMA = /^(mysql|sys|information_schema|performance_schema|ndbinfo)$/i;
export const databaseName = allOf(
  matching(
    /^[\p{L}\p{N}_$][\p{L}\p{N}_$.-]{0,63}$/u,
    'is not a database name: at most 64 letters, digits and _ $ . -',
  ),
  (value) =>
    SYSTEM_SCHEMA.test(value) ? 'is a schema of the database server itself, not of a site' : undefined,
);
export const databaseUser = matching(
  /^[\p{L}\p{N}_][\p{L}\p{N}_$.@-]{0,79}$/u,
  'is not a database account: letters, digits and _ $ . @ - are allowed',
);
export const tablePrefix = matching(
  /^[A-Za-z0-9_]{0,40}$/,
  'is not a table prefix: letters, digits and _ are allowed',
);
const TABLE = String.raw`[\p{L}\p{N}_$*?-]+`;
export const tablePattern = matching(
  new RegExp(`^${TABLE}$`, 'u'),
  'is not a table name: letters, digits, _ $ - and * ? are allowed',
);
export const columnPattern = matching(new RegExp(`^${TABLE}\\.${TABLE}$`, 'u'), 'must be table.column');
export const columnName = matching(
  /^[\p{L}\p{N}_$-]+\.[\p{L}\p{N}_$-]+$/u,
  'must be table.column, the table without its prefix',
);
export const optionName = matching(/^[\p{L}\p{N}_][\p{L}\p{N}_.:/*-]*$/u, 'is not an option name');
export const login = matching(/^[\p{L}\p{N}_][\p{L}\p{N}_.@+ -]{0,59}$/u, 'is not a login');
export const administrators: Format = (value) =>
  value === 'administrators' ? undefined : 'must be a list of logins, or the word administrators';
export const headerName = matching(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/,
  'is not a name of a header: letters, digits and - are allowed',
);
export const slug = matching(
  /^[a-z0-9][a-z0-9_.-]*$/,
  'is not a slug: lower-case letters, digits and - _ . are allowed',
);
/** git-check-ref-format(1). */
export const gitName = matching(
  /^(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[A-Za-z0-9_][A-Za-z0-9_./+-]*(?<![./])$/,
  'is not a name of a branch',
);
export const gitTag: Format = (value) =>
  value === ''
    ? undefined
    : gitName(value.replaceAll(/\{(date|run)\}/g, '0')) &&
      'is not a name of a tag ({date} and {run} are filled in)';
export const personName = matching(/^[^<>"`$\\]{1,80}$/u, 'is not a name: < > " ` $ and \\ are not allowed');
export const emailAddress = matching(/^[A-Za-z0-9_][\w.+-]*@[\w-]+(\.[\w-]+)+$/, 'is not an e-mail address');
export const agentLabel: Format = (value) =>
  value === '' || /^[\w.()!&|<>"' -]+$/.test(value)
    ? notAnOption(value)
    : 'is not a label of agents: names, spaces, && || ! ( ) are allowed';

/** `90s`, `30m`, `24h`, `7d`. */
export const duration: Format = (value) =>
  /^[1-9]\d{0,5}[smhd]$/.test(value) ? undefined : 'must be a number and s, m, h or d, such as 30m';
/** Seconds of a text that {@link duration} accepts. */
export function secondsOf(text: string): number {
  const factor = { s: 1, m: 60, h: 3600, d: 86400 }[text.slice(-1)] ?? 1;
  return Number(text.slice(0, -1)) * factor;
}
export const clock: Format = (value) =>
  /^([01]\d|2[0-3]):[0-5]\d$/.test(value) ? undefined : 'must be a time of day such as "02:00"';
export const timezone: Format = (value) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return undefined;
  } catch {
    return 'is not a time zone; write a name such as Europe/Berlin';
  }
};
const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);
export const dateRange: Format = (value) => {
  const days = value.split('/');
  const [from = '', to = from] = days;
  if (days.length > 2 || !days.every(isDay)) return 'must be YYYY-MM-DD or YYYY-MM-DD/YYYY-MM-DD';
  return from > to ? 'ends before it begins' : undefined;
};

const CRON_FIELD = String.raw`(\*|H(\(\d+-\d+\))?|\d+(-\d+)?|[a-zA-Z]{3}(-[a-zA-Z]{3})?)(\/\d+)?`;
const CRON = new RegExp(`^(${CRON_FIELD}(,${CRON_FIELD})*)( +${CRON_FIELD}(,${CRON_FIELD})*){4}$`);
/** Jenkins' cron text: five fields, `H` allowed, or an alias. */
export const schedule: Format = allOf((value) =>
  value === '' || /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(value) || CRON.test(value)
    ? undefined
    : 'is not a Jenkins cron text: five fields such as "H 3 * * 1-5"',
);

/** As git writes authors, and GitHub wants co-authors. */
export const person = matching(
  /^[^<>]*[^<>\s] <[^<>@\s]+@[^<>@\s]+>$/,
  'must be a name and an address: Ada Lovelace <ada@acme.com>',
);
