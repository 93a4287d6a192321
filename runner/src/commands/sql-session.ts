/**
 * The one policy for sessions on database servers: each sets what decides the meaning of its statements, because a
 * server's defaults (and `init_connect`) are somebody's choice: a zero date is refused here and a value is cut there,
 * `autocommit=0` throws an UPDATE away, `sql_select_limit` hides rows.
 */

/** A value that does not fit is an error, never cut. Zero dates, which production has, and 0 in a counter pass. */
export const STRICT_MODE =
  'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION';
/** Where every warning is looked at instead, or where the server ignores values that it makes itself. */
export const LENIENT_MODE = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION';

/** Everybody may set these, on all servers. `DEFAULT` would be the server's own value, so there is none. */
const COMMON = {
  autocommit: '1',
  time_zone: "'+00:00'",
  unique_checks: '1',
  sql_quote_show_create: '1',
  sql_select_limit: '18446744073709551615',
  sql_safe_updates: '0',
  sql_big_selects: '1',
  sql_auto_is_null: '0',
  completion_type: '0',
  group_concat_max_len: '1048576',
  wait_timeout: '28800',
  net_read_timeout: '3600',
  net_write_timeout: '3600',
};

/** Makes of an sql_mode one that the server refuses to a session whose run lost its lock. */
export type GuardedMode = (mode: string) => string;

export interface SessionPolicy {
  readonly isMariaDb: boolean;
  /** `binary`: text is sent as the bytes that its columns store. */
  readonly names?: 'utf8mb4' | 'binary' | undefined;
  readonly foreignKeyChecks?: boolean | undefined;
  readonly guard?: GuardedMode | undefined;
}

/** The assignments of one SET, in order; the first one is `NAMES …`. */
export function sessionAssignments(policy: SessionPolicy): readonly string[] {
  const settings = {
    ...COMMON,
    [policy.isMariaDb ? 'max_statement_time' : 'max_execution_time']: '0',
    foreign_key_checks: policy.foreignKeyChecks === false ? '0' : '1',
    sql_mode: (policy.guard ?? ((mode) => mode))(`'${STRICT_MODE}'`),
  };
  return [
    `NAMES ${policy.names ?? 'utf8mb4'}`,
    ...Object.entries(settings).map(([name, value]) => `SESSION ${name}=${value}`),
  ];
}

/**
 * What a session that makes tables and fills them has in addition, as far as the server knows it and the account may:
 * tables are made as production has them, whatever the rules were under which they were made there.
 */
export const IMPORT_VARIABLES: Readonly<Record<string, string>> = {
  innodb_strict_mode: 'OFF',
  // A dump names every default; where this is OFF, the first TIMESTAMP gets another one.
  explicit_defaults_for_timestamp: 'ON',
  // Rows that production has may break a rule that came later.
  check_constraint_checks: 'OFF',
  sql_require_primary_key: 'OFF',
  sql_generate_invisible_primary_key: 'OFF',
};
