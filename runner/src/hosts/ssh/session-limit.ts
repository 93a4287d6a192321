interface Waiting {
  grant(): void;
  refuse(cause: Error): void;
}

/** No session of the connection ended for a while, or each stays open, so waiting for a place might never end. */
export class SessionsHeld extends Error {
  constructor() {
    super('no session that the server allows (MaxSessions) becomes free');
  }
}

/** A place among the sessions of a connection. */
export interface SessionPlace {
  leave(): void;
  /** From now on its session stays open for as long as its user likes. */
  hold(): void;
}

export interface EnterOptions {
  readonly urgent?: boolean;
  /** Stays open for as long as its user likes, as a database connection through a container does. */
  readonly longLived?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Longest wait for a place. Its holder may wait for the very command that waits here, and a lock has to be extended
 * while a command runs for hours.
 */
const PATIENCE_MS = 15_000;

/** Limits concurrent SSH sessions; further ones wait in order. sshd allows 10 (MaxSessions), some allow fewer. */
export class SessionLimit {
  #most: number;
  #active = 0;
  /** Of these, the long-lived ones. */
  #held = 0;
  readonly #queue: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    most: number,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.#most = most;
  }

  /** Waits for a place. @throws SessionsHeld where none becomes free by itself */
  async enter({ urgent = false, longLived = false, signal }: EnterOptions = {}): Promise<SessionPlace> {
    if (this.#active >= this.#most && !urgent) await this.#wait(signal);
    const place = this.#place();
    if (longLived) place.hold();
    return place;
  }

  /** A place, if that leaves `free` ones and nobody waits; undefined else. */
  tryEnter(free: number): SessionPlace | undefined {
    return this.#queue.length === 0 && this.#active + free < this.#most ? this.#place() : undefined;
  }

  #place(): SessionPlace {
    this.#active += 1;
    let [left, held] = [false, false];
    return {
      hold: () => {
        if (left || held) return;
        held = true;
        this.#held += 1;
        this.#refuseWhenHeld();
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#active -= 1;
        if (held) this.#held -= 1;
        if (this.#active < this.#most) this.#queue.shift()?.grant();
        this.#beginPatience();
      },
    };
  }

  /** The server refused one more session than now are open: from now on no more than those. False when there were none. */
  lower(): boolean {
    if (this.#active <= 1) return false;
    this.#most = Math.min(this.#most, this.#active - 1);
    return true;
  }

  get isFull(): boolean {
    return this.#active >= this.#most;
  }

  get most(): number {
    return this.#most;
  }

  #refuseWhenHeld(): void {
    if (this.#held < this.#most) return;
    for (const waiting of this.#queue.splice(0)) waiting.refuse(new SessionsHeld());
  }

  /** One after the other: sshd lets few logins begin at a time (MaxStartups). */
  #beginPatience(): void {
    clearTimeout(this.#timer);
    if (this.#queue.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#queue.shift()?.refuse(new SessionsHeld());
      this.#beginPatience();
    }, this.patienceMs).unref();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#held >= this.#most) return Promise.reject(new SessionsHeld());
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        grant: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        refuse: (cause) => {
          signal?.removeEventListener('abort', abort);
          reject(cause);
        },
      };
      const abort = (): void => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiting);
      if (this.#queue.length === 1) this.#beginPatience();
    });
  }
}
