import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '../../errors/index.js';
import { inOneGo } from './in-one-go.js';
import { type SqlConnection } from './sql-connection.js';
import { SqlError, isRefusal } from './sql-error.js';

/** Sessions of one run at the same time; far more than a sync opens. */
const SLOTS = 64;
/** How long sessions that were ended may take to be gone: the server undoes what they had not committed. */
const ENDING_SECONDS = 300;
const NO_SUCH_THREAD = 1094;
/** What a session is refused with; the server quotes it in its error 1231. */
const REFUSED = 'understudy_lock_lost';

/** What a new session of this process shows the server; {@link guardedMode} makes SQL of it. */
export interface SessionPass {
  /** Lock of the site, and the session that has to hold it. */
  readonly lock: string;
  readonly owner: number;
  /** Lock of this very session, by which anyone who takes over finds and ends it. */
  readonly slot: string;
  leave(): void;
}

/**
 * Value for `SET SESSION sql_mode`: `mode` (an SQL expression), or an error where the site's lock is not this run's any
 * more. The session takes its own lock first, so it is either early enough to be ended by anyone who takes over, or
 * late enough to be refused here.
 */
export const guardedMode = (pass: SessionPass | undefined, mode: string): string =>
  pass === undefined
    ? mode
    : `IF(GET_LOCK('${pass.slot}', 10) AND IS_USED_LOCK('${pass.lock}') <=> ${String(pass.owner)}, ${mode}, '${REFUSED}')`;

/** Whether a session failed because of {@link guardedMode}. */
export const isRefused = (message: string): boolean => message.includes(REFUSED);

/**
 * The database's part of the run lock. One session of the process holds a named lock of the server, called after the
 * schema that staging serves; every other session of the process is let in only while it does. Named locks write
 * nothing, need no rights, and end with their session.
 */
export class SessionFence {
  #keeper: { readonly session: SqlConnection; readonly id: number; readonly lock: string } | undefined;
  #claiming: Promise<void> | undefined;
  readonly #free = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);

  /** What {@link claim} opens its session with; undefined: this process holds no lock, and its sessions need no pass. */
  #claimAgain: (() => Promise<void>) | undefined;

  /**
   * Ends every session that a former run still has, and takes the site's lock of the server.
   * @param open a session of each account that changes staging (an account may end its own alone); the first one's
   * keeps the lock
   * @param live the schema that staging serves
   * @param assertHeld @throws LOCK_LOST when the lock on the host is not this run's any more
   */
  async claim(
    open: () => Promise<readonly SqlConnection[]>,
    live: string,
    assertHeld: () => Promise<void>,
  ): Promise<void> {
    const lock = `understudy-${createHash('sha256').update(live).digest('hex').slice(0, 32)}`;
    const take = async (): Promise<void> => {
      const [session, ...others] = await open();
      if (session === undefined) throw new TypeError('no account');
      try {
        const id = await takeOver([session, ...others], lock);
        this.#keeper = { session, id, lock };
      } catch (error) {
        await session.close();
        throw error;
      } finally {
        await Promise.all(others.map((other) => other.close()));
      }
    };
    await take();
    // The server may restart, or end a session that is silent: then the lock is free, and ours again if the host says so.
    this.#claimAgain = async () => {
      await assertHeld();
      void this.#keeper?.session.close();
      await take();
      await assertHeld();
    };
  }

  /** A pass for one more session; undefined while the process holds no lock. */
  async enter(): Promise<SessionPass | undefined> {
    if (this.#claimAgain === undefined) return undefined;
    await this.#claiming;
    const { keeper, slot } = { keeper: this.#keeper, slot: this.#free.pop() };
    if (keeper === undefined || slot === undefined)
      throw new UnderstudyError('INTERNAL', 'Too many sessions on the staging database at once.');
    let left = false;
    return {
      lock: keeper.lock,
      owner: keeper.id,
      slot: `${keeper.lock}-${String(slot)}`,
      leave: () => {
        if (!left) this.#free.push(slot);
        left = true;
      },
    };
  }

  /** Takes the server's lock again where its session was lost and nobody has it. @throws LOCK_LOST */
  async verify(): Promise<void> {
    if (this.#claimAgain === undefined || (await this.#holds())) return;
    this.#claiming ??= this.#claimAgain().finally(() => {
      this.#claiming = undefined;
    });
    await this.#claiming;
  }

  async #holds(): Promise<boolean> {
    const keeper = this.#keeper;
    if (keeper === undefined) return false;
    try {
      const [row] = await keeper.session.query('SELECT IS_USED_LOCK(?) AS owner', [keeper.lock]);
      return Number(row?.['owner']) === keeper.id;
    } catch (error) {
      if (error instanceof SqlError) return false;
      throw error;
    }
  }

  /** Ids of this process' sessions on the server, as a session there sees them; none while it holds no lock. */
  async sessions(connection: SqlConnection): Promise<ReadonlySet<number>> {
    const keeper = this.#keeper;
    if (keeper === undefined) return new Set();
    return new Set([keeper.id, ...(await slotOwners(connection, keeper.lock))]);
  }

  /** Frees the server's lock. Never throws. */
  async release(): Promise<void> {
    this.#claimAgain = undefined;
    const keeper = this.#keeper;
    this.#keeper = undefined;
    await keeper?.session.close();
  }
}

/** Takes the lock and ends the sessions that hold a slot. @returns the id of the session that holds the lock now */
async function takeOver(
  sessions: readonly [SqlConnection, ...SqlConnection[]],
  lock: string,
): Promise<number> {
  const deadline = Date.now() + ENDING_SECONDS * 1000;
  for (let wait = 0; ; wait = 1) {
    // The slots are looked at in the same go, and after the lock: what they say counts only where it is taken.
    const [[row], owners] = await inOneGo([
      sessions[0].query('SELECT GET_LOCK(?, ?) AS taken, IS_USED_LOCK(?) AS owner, CONNECTION_ID() AS id', [
        lock,
        wait,
        lock,
      ]),
      slotOwners(sessions[0], lock),
    ]);
    if (Number(row?.['taken']) === 1) {
      await endSessions(sessions, lock, owners);
      return Number(row?.['id']);
    }
    const owner = Number(row?.['owner'] ?? 0);
    if (Date.now() > deadline) throw cannotEnd(owner);
    if (owner > 0) await kill(sessions, owner);
  }
}

/** Ends the sessions that hold a slot of the site, and waits until they are gone. @param owners those that do */
async function endSessions(
  sessions: readonly [SqlConnection, ...SqlConnection[]],
  lock: string,
  owners: readonly number[],
): Promise<void> {
  const deadline = Date.now() + ENDING_SECONDS * 1000;
  const killed = new Set<number>();
  for (let left = owners; left.length > 0; left = await slotOwners(sessions[0], lock)) {
    for (const owner of left.filter((each) => !killed.has(each))) await kill(sessions, owner);
    left.forEach((owner) => killed.add(owner));
    if (Date.now() > deadline) throw cannotEnd(left[0] ?? 0);
    await sleep(100);
  }
}

async function slotOwners(connection: SqlConnection, lock: string): Promise<number[]> {
  const slots = Array.from({ length: SLOTS }, (_, index) => `IS_USED_LOCK('${lock}-${String(index)}')`);
  const [row] = await connection.query(`SELECT CONCAT_WS(' ', ${slots.join(', ')}) AS owners`);
  return String(row?.['owners'] ?? '')
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

/** With the first account that may. */
async function kill(sessions: readonly SqlConnection[], id: number): Promise<void> {
  let refused: unknown;
  for (const session of sessions) {
    try {
      await session.execute(`KILL CONNECTION ${String(id)}`);
      return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (error.errno === NO_SUCH_THREAD) return;
      refused = error;
    }
  }
  throw cannotEnd(id, refused);
}

const cannotEnd = (id: number, cause?: unknown): UnderstudyError =>
  new UnderstudyError(
    'LOCKED',
    `A session of the former run is still active in staging's database and cannot be ended: connection ${String(id)}.`,
    {
      next: `Ask an administrator to end it with KILL ${String(id)}, then start again.`,
      cause,
    },
  );
