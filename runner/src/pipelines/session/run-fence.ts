import { SessionFence } from '../../database/connection/session-fence.js';
import { type HostFence } from '../../hosts/guard/fenced-host.js';
import { type LockGrant } from '../../run/lock.js';

/** What the hosts and databases of one process compare their changes with: the acquisition that it works under. */
export class RunFence implements HostFence {
  readonly database = new SessionFence();
  #held: { readonly grant: LockGrant; readonly assertHeld: () => Promise<void> } | undefined;
  #workDir = '';

  /** @param workDir `staging.workDir`, absolute */
  place(workDir: string): void {
    this.#workDir = workDir;
  }

  /** From now on changes are made under this acquisition alone, also when it is over: then none is made. */
  hold(grant: LockGrant, assertHeld: () => Promise<void>): void {
    this.#held = { grant, assertHeld };
  }

  /** @throws LOCK_LOST; nothing where this process never held the lock */
  async assertHeld(): Promise<void> {
    await this.#held?.assertHeld();
  }

  holder(): { readonly workDir: string; readonly text: string } | undefined {
    const grant = this.#held?.grant;
    return grant === undefined
      ? undefined
      : { workDir: this.#workDir, text: `${grant.run} ${String(grant.number)}` };
  }
}
