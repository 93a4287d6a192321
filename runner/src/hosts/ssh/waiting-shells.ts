import { lineForWaitingShell, waitingShellWords } from '../../commands/waiting-shell.js';
import { type SessionLimit, type SessionPlace } from './session-limit.js';
import { type RemoteProcess } from '../process/transport.js';

/** This many are kept ready: stages ask a few things at once, seldom more. */
const KEPT = 4;
/** Sessions of the connection that commands can always open, whatever waits. */
const LEFT_FREE = 2;

/**
 * Shells of one connection that were started before there is a command for them. Opening a session and starting a
 * program take two round trips; a waiting shell takes its command, and its input, in the one that brings the answer.
 * It is a session like any other, under the same limit, and ends with the connection.
 */
export class WaitingShells {
  readonly #ready: { readonly shell: RemoteProcess; readonly place: SessionPlace }[] = [];
  #opening = 0;
  #stopped = false;

  /** @param open starts words in a new session */
  constructor(
    private readonly sessions: SessionLimit,
    private readonly open: (words: readonly string[]) => Promise<RemoteProcess>,
  ) {}

  /** A process that has become `words`; undefined where no shell waits. @param longLived see {@link SessionPlace} */
  take(words: readonly string[], longLived: boolean): RemoteProcess | undefined {
    const ready = this.#ready.shift();
    if (longLived) ready?.place.hold();
    ready?.shell.stdin.write(lineForWaitingShell(words));
    return ready?.shell;
  }

  /** Starts what is missing. To be called when a command was sent off: it does not wait behind these. */
  fill(): void {
    while (!this.#stopped && this.#ready.length + this.#opening < KEPT) {
      const place = this.sessions.tryEnter(LEFT_FREE);
      if (place === undefined) return;
      this.#opening += 1;
      void this.#start(place).finally(() => (this.#opening -= 1));
    }
  }

  /** Gives a place to a session that cannot be one of these. */
  endOne(): void {
    this.#ready.shift()?.shell.close();
  }

  /** Ends those that wait: the server allows fewer sessions than they take. */
  stop(): void {
    this.#stopped = true;
    for (const { shell } of this.#ready.splice(0)) shell.close();
  }

  async #start(place: SessionPlace): Promise<void> {
    try {
      const shell = await this.open(waitingShellWords());
      void shell.ended.then(() => {
        place.leave();
        const at = this.#ready.findIndex((ready) => ready.shell === shell);
        if (at >= 0) this.#ready.splice(at, 1);
      });
      if (this.#stopped) shell.close();
      else this.#ready.push({ shell, place });
    } catch {
      // Whatever it is, the next command of this connection opens a session of its own and tells it.
      place.leave();
      this.stop();
    }
  }
}
