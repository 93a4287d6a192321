import { type SqlToken } from './sql/sql-lexer.js';

/** The session variables that decide what an object means when it is created. */
const TRACKED = ['sql_mode', 'character_set_client', 'collation_connection', 'time_zone'] as const;
type Tracked = (typeof TRACKED)[number];
/** Set by dumps, and of no meaning for what is created; anything else in a SET is refused. */
const IGNORED = ['character_set_results', 'character_set_connection', 'foreign_key_checks', 'unique_checks', 'sql_notes',
  'autocommit', 'sql_log_bin', 'note_verbosity', 'information_schema_stats_expiry', 'character_set_database', 'collation_database']; // prettier-ignore

const isTracked = (name: string): name is Tracked => (TRACKED as readonly string[]).includes(name);

/** Follows the SET statements of a dump, so that every object can be created on its own with the settings it needs. */
export class DumpSession {
  readonly #values = new Map<Tracked, string>();
  readonly #saved = new Map<string, string | undefined>();

  /** @returns the name of a variable that a dump of a site does not set; undefined when all is well */
  apply(tokens: readonly SqlToken[]): string | undefined {
    for (const assignment of splitAtCommas(tokens.slice(1))) {
      const refused = this.#assign(assignment);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  #assign(tokens: readonly SqlToken[]): string | undefined {
    const [first, ...rest] =
      tokens[0]?.kind === 'word' && tokens[0].value === 'SESSION' ? tokens.slice(1) : tokens;
    if (first === undefined) return undefined;
    if (first.kind === 'word' && first.value === 'NAMES') {
      this.#values.set('character_set_client', unquote(rest[0]));
      this.#values.delete('collation_connection');
      return undefined;
    }
    const value = rest.filter((token) => token.text !== '=' && token.text !== ':')[0];
    if (first.kind === 'variable' && !first.text.startsWith('@@')) {
      const source = variableName(value);
      this.#saved.set(first.text.toLowerCase(), isTracked(source) ? this.#values.get(source) : undefined);
      return undefined;
    }
    const name = variableName(first);
    if (!isTracked(name)) return IGNORED.includes(name) ? undefined : first.text;
    const next = value?.kind === 'variable' ? this.#saved.get(value.text.toLowerCase()) : unquote(value);
    if (next === undefined) this.#values.delete(name);
    else this.#values.set(name, next);
    return undefined;
  }

  get(name: Tracked): string | undefined {
    return this.#values.get(name);
  }
}

const variableName = (token: SqlToken | undefined): string =>
  (token?.text ?? '').toLowerCase().replace(/^@@(session\.|local\.)?/, '');

const unquote = (token: SqlToken | undefined): string =>
  token === undefined ? '' : token.kind === 'string' ? token.text.slice(1, -1) : token.text;

function splitAtCommas(tokens: readonly SqlToken[]): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  for (const token of tokens)
    if (token.text === ',') parts.push([]);
    else parts.at(-1)?.push(token);
  return parts;
}
