import { createHash } from 'node:crypto';
import { type ReadingHost } from '../../hosts/host.js';
import type { Duplex } from 'node:stream';
import type { WrappedConnection } from './wrap-connection.js';
import type { ServerAddress } from '../../config/site.js';
import type { Secret } from '../../errors/masking.js';

/** A login on a server, watched. One session after the other may have it. */
export interface PooledLogin {
  readonly stream: Duplex;
  readonly session: WrappedConnection;
  /** False: the server has ended it. */
  isOpen(): boolean;
  /** Gives the server's session back as it was after the login: settings, locks, transactions. @throws SqlError */
  reset(): Promise<void>;
  /** Never throws. */
  close(): Promise<void>;
}

/** What of an access makes a login another one. */
interface LoginWords {
  readonly server: ServerAddress;
  readonly user: string;
  readonly password: Secret;
  readonly container?: string;
  readonly ca?: string;
}

/** Servers end a connection that does not log in within seconds (connect_timeout: 10), so it is not used then. */
const STREAM_MS = 5000;

/** More logins of one kind are not kept. */
const MOST_IDLE = 6;

interface IdleLogin {
  readonly login: PooledLogin;
  /** Whether the server's session has become a new one. */
  readonly isReset: Promise<boolean>;
}

/** A login for the next session, which asks at once, and believes no answer before the former session is gone. */
export interface TakenLogin {
  readonly login: PooledLogin;
  /** False: it cannot be used, whatever it answers. */
  readonly isReady: Promise<boolean>;
}

/** Logins that wait for their next session, which saves it three round trips. One that waits holds no lock, no pass. */
export class SessionPool {
  readonly #idle = new Map<string, IdleLogin[]>();
  readonly #hosts = new WeakMap<ReadingHost, number>();
  readonly #giving = new Set<Promise<void>>();
  /** Begun before a session asks for them. */
  readonly #coming = new Map<string, Promise<PooledLogin | undefined>[]>();
  readonly #streams = new Map<
    string,
    { readonly at: number; readonly stream: Promise<Duplex | undefined> }[]
  >();
  #known = 0;
  #closed = false;

  /** Logins with the same key can stand for one another. @param more what else a login is made with */
  key(host: ReadingHost, login: LoginWords, more: string): string {
    const id = this.#hosts.get(host) ?? ++this.#known;
    this.#hosts.set(host, id);
    const { server, user, password, container, ca } = login;
    const parts = JSON.stringify([id, server, user, password.reveal(), container, ca, more]);
    return createHash('sha256').update(parts).digest('hex');
  }

  /** Opens streams to a server before it is known that a login will need them. What fails is told to nobody. */
  openStreams(host: ReadingHost, server: ServerAddress, count: number): void {
    const key = JSON.stringify([host.label, server]);
    const opened = Array.from({ length: this.#closed ? 0 : count }, () => ({
      at: performance.now(),
      stream: host.openStream(server).catch(() => undefined),
    }));
    this.#streams.set(key, [...(this.#streams.get(key) ?? []), ...opened]);
  }

  /** One that was opened a moment ago; undefined where there is none. Never throws. */
  async takeStream(host: ReadingHost, server: ServerAddress): Promise<Duplex | undefined> {
    const opened = this.#streams.get(JSON.stringify([host.label, server]))?.shift();
    const stream = await opened?.stream;
    if (opened === undefined || performance.now() - opened.at < STREAM_MS) return stream;
    stream?.destroy();
    return undefined;
  }

  /** One that waits, or one that was started ahead; undefined where there is none. Never throws. */
  async take(key: string): Promise<TakenLogin | undefined> {
    const idle = this.#idle.get(key) ?? [];
    // The one that has waited longest: that the former session is gone is known of it by then.
    for (let next = idle.shift(); next !== undefined; next = idle.shift())
      if (next.login.isOpen()) return { login: next.login, isReady: next.isReset };
    const coming = this.#coming.get(key)?.shift();
    if (coming === undefined) return undefined;
    const login = await coming;
    return login?.isOpen() === true ? { login, isReady: Promise.resolve(true) } : this.take(key);
  }

  /** Begins logins until `count` of this kind wait. What fails is told to nobody: the session logs in itself then. */
  logInAhead(key: string, count: number, logIn: () => Promise<PooledLogin>): void {
    const coming = this.#coming.get(key) ?? [];
    this.#coming.set(key, coming);
    const known = coming.length + (this.#idle.get(key)?.length ?? 0);
    for (let missing = Math.min(count, MOST_IDLE) - known; missing > 0 && !this.#closed; missing -= 1)
      coming.push(logIn().catch(() => undefined));
  }

  /** Ends the logins that wait: the server allows no more of them. Never throws. */
  async freeSession(): Promise<void> {
    const logins = [...this.#idle.values()].flatMap((idle) => idle.splice(0)).map(({ login }) => login);
    const coming = [...this.#coming.values()].flat();
    this.#coming.clear();
    await Promise.all([
      ...logins.map((login) => login.close()),
      ...coming.map(async (login) => (await login)?.close()),
    ]);
  }

  /** Resolves when the former session is gone, whether or not its login is kept. Never throws. */
  give(key: string, login: PooledLogin): Promise<void> {
    const giving = this.#keep(key, login).finally(() => this.#giving.delete(giving));
    this.#giving.add(giving);
    return giving;
  }

  async #keep(key: string, login: PooledLogin): Promise<void> {
    const isReset = login.reset().then(
      () => true,
      () => false,
    );
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    const kept = { login, isReset };
    const isKept = !this.#closed && idle.length < MOST_IDLE;
    if (isKept) idle.push(kept);
    const isUsable = await isReset;
    if (isKept && isUsable && !this.#closed) return;
    const at = idle.indexOf(kept);
    if (at >= 0) idle.splice(at, 1);
    // Taken meanwhile: anyone who took it ends it.
    if (!isKept || at >= 0) await login.close();
  }

  /** Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    const streams = [...this.#streams.values()].flat();
    this.#streams.clear();
    await Promise.all([
      ...this.#giving,
      this.freeSession(),
      ...streams.map(async ({ stream }) => (await stream)?.destroy()),
    ]);
  }
}
