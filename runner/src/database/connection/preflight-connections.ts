import { type ReadingHost } from '../../hosts/host.js';
import { type DatabaseAccess } from './access.js';
import type { SqlConnection } from './sql-connection.js';

type SideName = 'production' | 'staging';
type Purpose = SideName | 'productionAtOnce';

export interface PreflightEnds {
  readonly hosts: { productionDatabase(): Promise<ReadingHost>; stagingDatabase(): Promise<ReadingHost> };
  readonly database: { readonly [Side in SideName]: () => Promise<DatabaseAccess> };
  readonly signal: AbortSignal;
}

/** One connection a side for all preflights, one more on production for short questions: logins cost most. */
export class PreflightConnections {
  readonly #open: { [Each in Purpose]?: Promise<SqlConnection> } = {};

  constructor(private readonly ends: PreflightEnds) {}

  /** Nobody but {@link close} closes it. @throws as openDatabase */
  production(): Promise<SqlConnection> {
    return (this.#open.production ??= this.#connect('production'));
  }

  /** For short questions whose answers others wait for: not behind those about the schema, which take their time. */
  productionAtOnce(): Promise<SqlConnection> {
    return (this.#open.productionAtOnce ??= this.#connect('production'));
  }

  staging(): Promise<SqlConnection> {
    return (this.#open.staging ??= this.#connect('staging'));
  }

  /** When the questions are answered; a later one opens a connection again. Never throws. */
  async close(): Promise<void> {
    const open = Object.values(this.#open);
    delete this.#open.production;
    delete this.#open.productionAtOnce;
    delete this.#open.staging;
    await Promise.allSettled(open.map(async (connection) => (await connection).close()));
  }

  async #connect(side: SideName): Promise<SqlConnection> {
    const { hosts, database, signal } = this.ends;
    const [host, access] = await Promise.all([
      side === 'production' ? hosts.productionDatabase() : hosts.stagingDatabase(),
      database[side](),
    ]);
    // The library behind it takes its time to load: that is spent while the hosts answer.
    const { openDatabase } = await import('./open-database.js');
    return openDatabase(host, access, { signal, asksAtOnce: true });
  }
}
