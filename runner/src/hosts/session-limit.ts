interface Waiting {
  grant(): void;
}

/** At most so many sessions at once; further ones wait in order. sshd allows 10 (MaxSessions), some allow fewer. */
export class SessionLimit {
  #most: number;
  #active = 0;
  readonly #queue: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for a place. The function it resolves to gives the place back; a second call does nothing. */
  async enter(
    options: { readonly urgent?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<() => void> {
    if (this.#active >= this.#most && !options.urgent) await this.#wait(options.signal);
    return this.#place();
  }

  /** A place, if that leaves `free` ones and nobody waits; undefined else. */
  tryEnter(free: number): (() => void) | undefined {
    return this.#queue.length === 0 && this.#active + free < this.#most ? this.#place() : undefined;
  }

  #place(): () => void {
    this.#active += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#active -= 1;
      if (this.#active < this.#most) this.#queue.shift()?.grant();
    };
  }

  /** The server refused one more session than now are open: from now on no more than those. False when there were none. */
  lower(): boolean {
    if (this.#active <= 1) return false;
    this.#most = Math.min(this.#most, this.#active - 1);
    return true;
  }

  get most(): number {
    return this.#most;
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        grant: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiting);
    });
  }
}
