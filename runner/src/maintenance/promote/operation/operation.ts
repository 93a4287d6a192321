import { randomBytes } from 'node:crypto';
import { UnderstudyError } from '../../../errors/index.js';
import { type RecoveryContext } from '../promotion-context.js';
import { type ProductionInstance } from './instances.js';
import { dropJournal, writeJournal, type Phase, type PromotionJournal } from './journal.js';
import { isUnreachable, onEachHost, reasonOf, throwFirst, type HostProblem } from './on-hosts.js';
import { pagesOff, pruneCode } from '../activate-code.js';
import { pageFolder, pageIsOn } from '../page.js';

/** The open operation on production: its journal, the same on every host that takes part. */
export class Operation {
  constructor(
    private readonly context: RecoveryContext,
    private current: PromotionJournal,
  ) {}

  static start(
    context: RecoveryContext,
    run: string,
    state: Pick<PromotionJournal, 'kind' | 'goal' | 'phase' | 'restorable'>,
  ): Operation {
    return new Operation(context, {
      version: 2,
      site: context.site.name,
      run,
      operation: randomBytes(8).toString('hex'),
      step: 0,
      startedAt: new Date().toISOString(),
      ...state,
    });
  }

  /** The same operation with another end: no host can take the two for two operations. */
  become(state: Pick<PromotionJournal, 'kind' | 'goal' | 'phase' | 'restorable'>): Operation {
    return new Operation(this.context, { ...this.current, ...state, step: this.current.step + 1 });
  }

  get journal(): PromotionJournal {
    return this.current;
  }

  /** Writes the first journal, on every host; room is kept for the way back. @throws what a host said */
  async start(): Promise<void> {
    throwFirst(await this.#write(this.context.instances.trees, 'reserve'));
  }

  /** The next step, on every host, before it begins. @throws what a host said; the step must not be done then */
  async enter(phase: Phase): Promise<void> {
    this.current = { ...this.current, phase, step: this.current.step + 1 };
    throwFirst(await this.#write(this.context.instances.trees, 'keep'));
  }

  /** The decision for the code that is in place. It has fallen as soon as one host has it. @throws where none has */
  async open(): Promise<void> {
    const before = this.current;
    this.current = { ...before, phase: 'open', step: before.step + 1 };
    const { trees } = this.context.instances;
    const problems = await onEachHost(trees, (instance) => this.#openOn(instance));
    if (problems.length < trees.length) return;
    this.current = before;
    throwFirst(problems);
  }

  /** The same for a host that joined. */
  async enlist(instance: ProductionInstance): Promise<void> {
    await writeJournal(instance, this.current, 'reserve');
  }

  /**
   * A step on the way back, or at the end. Hosts that cannot write it keep the older one, which the others' higher step
   * overrules.
   */
  async enterWherePossible(change: Partial<Pick<PromotionJournal, 'phase' | 'goal'>>): Promise<void> {
    this.current = { ...this.current, ...change, step: this.current.step + 1 };
    await this.#write(this.context.instances.trees, 'spend');
  }

  /**
   * Every host that is on the goal serves again; where one is not, it keeps its page.
   * @param problems of the hosts that are not on the goal
   * @throws PRODUCTION_NEEDS_REPAIR saying which host is in which state
   */
  async reopen(problems: readonly HostProblem[]): Promise<void> {
    const { context } = this;
    const left = new Map(problems.map((problem) => [problem.instance.name, problem]));
    this.current = { ...this.current, phase: 'open', step: this.current.step + 1 };
    const opening = context.instances.trees.filter(({ name }) => !left.has(name));
    const closed = await onEachHost(opening, async (instance) => {
      await this.#openOn(instance);
      await pagesOff(context, [instance]);
    });
    for (const problem of closed) left.set(problem.instance.name, problem);
    if (left.size > 0) throw await this.#needsRepair([...left.values()]);
    await this.end();
  }

  /** Nothing is left to do on any host. What cannot be removed does no damage. */
  async end(): Promise<void> {
    const { context } = this;
    const unpruned = await onEachHost(context.instances.trees, (one) =>
      pruneCode(context, [one], this.current.run),
    );
    for (const { instance, cause } of unpruned)
      context.reporter.warn({
        severity: 'warning',
        code: 'PROMOTION_NOT_TIDIED',
        message: `Files that the promotion left beside the live code could not be removed: ${reasonOf(cause)}`,
        host: instance.host.label,
      });
    this.current = { ...this.current, phase: 'ended', step: this.current.step + 1 };
    for (const { instance } of await this.#write(context.instances.trees, 'spend'))
      await dropJournal(instance).catch(() => undefined);
  }

  /** `open` must be durable before the page goes off: from then on the database is never put back. */
  async #openOn(instance: ProductionInstance): Promise<void> {
    try {
      await writeJournal(instance, this.current, 'spend');
    } catch (cause) {
      if (isUnreachable(cause)) throw cause;
      await dropJournal(instance);
    }
  }

  #write(
    instances: readonly ProductionInstance[],
    spare: 'reserve' | 'keep' | 'spend',
  ): Promise<readonly HostProblem[]> {
    const journal = this.current;
    return onEachHost(instances, (instance) => writeJournal(instance, journal, spare));
  }

  async #needsRepair(problems: readonly HostProblem[]): Promise<UnderstudyError> {
    const { site, instances, layout } = this.context;
    const bad = new Map(problems.map(({ instance, cause }) => [instance.name, cause]));
    const states = await Promise.all(
      instances.trees.map(async (instance) => {
        const names = instances.sharing(instance).join(', ');
        if (!bad.has(instance.name)) return `${names}: serves the ${this.current.goal} code, page off`;
        const cause = bad.get(instance.name);
        const page = await pageIsOn(instance.bare, pageFolder(site, layout)).catch(() => undefined);
        const state =
          page === undefined
            ? 'cannot be reached'
            : `is not on the ${this.current.goal} code, page ${page ? 'on' : 'off'}`;
        return `${names}: ${state}: ${reasonOf(cause)}`;
      }),
    );
    return new UnderstudyError(
      'PRODUCTION_NEEDS_REPAIR',
      `Not every host of production has the ${this.current.goal} code; the operation stays open.`,
      {
        details: states,
        next: `Fix the problem above, or remove the host from the group; then: understudy promote ${site.name} --recover.`,
      },
    );
  }
}
