import { type StageContext } from './stage.js';

/** What a stage begins to read before its turn, kept for it. */
export class ReadAhead<Answer> {
  readonly #begun = new WeakMap<StageContext['hosts'], Promise<Answer>>();

  constructor(private readonly read: (context: StageContext) => Promise<Answer>) {}

  begin(context: StageContext): void {
    const answer = this.read(context);
    answer.catch(() => undefined);
    this.#begun.set(context.hosts, answer);
  }

  /** What was begun, once; read now where nothing was, or it failed. */
  async take(context: StageContext): Promise<Answer> {
    const begun = this.#begun.get(context.hosts);
    this.#begun.delete(context.hosts);
    return begun === undefined ? this.read(context) : begun.catch(() => this.read(context));
  }
}
