import { inOneGo } from './in-one-go.js';
import { type SqlConnection } from './sql-connection.js';
import { whileOpen } from './while-open.js';

type Open = () => Promise<SqlConnection>;

/**
 * Sessions of one piece of work, used one after the other by its parts: each opening costs a round trip, and the parts
 * are many. Whatever a part has left open or set is taken back before the next one's first statement. They hold their
 * place in the run lock for as long as the work lasts, and are ended like any other by anyone who takes the lock over.
 */
export class SessionShelf {
  readonly #free = new Map<string, SqlConnection[]>();
  readonly #coming = new Map<string, Promise<SqlConnection>[]>();
  readonly #opened = new Set<SqlConnection>();

  /** @param kind the same for sessions that are opened in the same way */
  async open(kind: string, openOne: Open): Promise<SqlConnection> {
    const session =
      this.#listOf(this.#free, kind).pop() ??
      (await this.#listOf(this.#coming, kind)
        .shift()
        ?.catch(() => undefined)) ??
      (await this.#openWithRoom(openOne));
    let isBack = false;
    return {
      ...whileOpen(session, () => isBack),
      close: async () => {
        if (!isBack) this.#putBack(kind, session);
        isBack = true;
        return Promise.resolve();
      },
    };
  }

  /** Begins to open sessions before they are asked for. What fails is told to nobody: the part that asks opens one then. */
  prepare(kind: string, count: number, openOne: Open): void {
    for (let index = 0; index < count; index += 1) {
      const coming = this.#note(openOne());
      coming.catch(() => undefined);
      this.#listOf(this.#coming, kind).push(coming);
    }
  }

  /** Ends all of them; what is opened after that is a new one. Never throws. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#coming.values()].flatMap((list) => list.splice(0)));
    const opened = [...this.#opened];
    this.#opened.clear();
    this.#free.clear();
    await Promise.allSettled(opened.map((session) => session.close()));
  }

  async #openWithRoom(openOne: Open): Promise<SqlConnection> {
    try {
      return await this.#note(openOne());
    } catch (cause) {
      // The account may have few sessions: those that nobody uses give their place.
      if (!(await this.#endUnused())) throw cause;
      return this.#note(openOne());
    }
  }

  async #note(opening: Promise<SqlConnection>): Promise<SqlConnection> {
    const session = await opening;
    this.#opened.add(session);
    return session;
  }

  /** @returns whether there were any */
  async #endUnused(): Promise<boolean> {
    const coming = [...this.#coming.values()].flatMap((list) => list.splice(0));
    const come = (await Promise.allSettled(coming)).flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    );
    const unused = [...come, ...[...this.#free.values()].flatMap((list) => list.splice(0))];
    await Promise.all(unused.map((session) => session.close()));
    return unused.length > 0;
  }

  /** Statements are done in order, so the next part need not wait for these. */
  #putBack(kind: string, session: SqlConnection): void {
    const free = this.#listOf(this.#free, kind);
    free.push(session);
    inOneGo([session.execute('ROLLBACK'), session.resetSettings()]).catch(() => {
      const at = free.indexOf(session);
      if (at >= 0) free.splice(at, 1);
      void session.close();
    });
  }

  #listOf<Item>(lists: Map<string, Item[]>, kind: string): Item[] {
    const list = lists.get(kind) ?? [];
    lists.set(kind, list);
    return list;
  }
}
