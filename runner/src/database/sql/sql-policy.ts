import { type SqlToken } from './sql-lexer.js';

const pair = (first: string, ...second: string[]) => ({ first, second });

/** Two words in a row that no dump of a site needs, wherever they stand, bodies of routines included. */
const REFUSED_PAIRS = [
  pair('CREATE', 'DATABASE', 'SCHEMA', 'USER', 'ROLE', 'SERVER', 'TABLESPACE'),
  pair('DROP', 'DATABASE', 'SCHEMA', 'USER', 'ROLE', 'SERVER', 'TABLESPACE'),
  pair('ALTER', 'DATABASE', 'SCHEMA', 'USER', 'SERVER', 'TABLESPACE'),
  pair('SET', 'GLOBAL', 'PERSIST', 'PERSIST_ONLY', 'PASSWORD'),
  pair('LOAD', 'DATA', 'XML', 'INDEX'),
  pair('INTO', 'OUTFILE', 'DUMPFILE'),
  pair('INSTALL', 'PLUGIN', 'COMPONENT', 'SONAME'),
  pair('UNINSTALL', 'PLUGIN', 'COMPONENT', 'SONAME'),
  pair('CHANGE', 'MASTER', 'REPLICATION'),
] as const;

const REFUSED_STARTS = ['USE', 'GRANT', 'REVOKE', 'SHUTDOWN', 'KILL', 'FLUSH', 'PURGE', 'HANDLER'];
/** Engines whose tables live on another server: a copy of one would work on what production works on. */
const REFUSED_ENGINES = ['FEDERATED', 'FEDERATEDX', 'CONNECT', 'SPIDER', 'S3'];
const STARTS_STATEMENT = ['BEGIN', 'THEN', 'ELSE', 'DO'];

/** What the statement does that an import must not; undefined when it is harmless. `tokens`: code only. */
export function refusedAct(tokens: readonly SqlToken[]): string | undefined {
  for (const [index, token] of tokens.entries()) {
    if (
      token.kind === 'variable' &&
      /^@@(global|persist|persist_only)\./i.test(token.text) &&
      isAssigned(tokens, index)
    )
      return `SET ${token.text}`;
    if (token.kind !== 'word') continue;
    const next = tokens[index + 1];
    const refused = REFUSED_PAIRS.find((one) => one.first === token.value);
    if (next?.kind === 'word' && (refused?.second as readonly string[] | undefined)?.includes(next.value))
      return `${token.value} ${next.value}`;
    if (token.value === 'ENGINE' && isEngineRefused(tokens, index))
      return `ENGINE=${String(engineAt(tokens, index))}`;
    if (REFUSED_STARTS.includes(token.value) && isAtStart(tokens, index)) return token.value;
  }
  return undefined;
}

const isAssigned = (tokens: readonly SqlToken[], index: number): boolean =>
  tokens[index + 1]?.text === '=' || tokens[index + 1]?.text === ':';

function isAtStart(tokens: readonly SqlToken[], index: number): boolean {
  const before = tokens[index - 1];
  if (before === undefined || before.text === ';') return true;
  return before.kind === 'word' && STARTS_STATEMENT.includes(before.value);
}

/** The engine of `ENGINE=InnoDB` whose word ENGINE is at `index`. */
function engineAt(tokens: readonly SqlToken[], index: number): string | undefined {
  const next = tokens[index + 1]?.text === '=' ? tokens[index + 2] : undefined;
  return next?.value.toUpperCase();
}

const isEngineRefused = (tokens: readonly SqlToken[], index: number): boolean =>
  REFUSED_ENGINES.includes(engineAt(tokens, index) ?? '');
