/** Batches that are on their way at once. Each holds a megabyte at most. */
const MOST_UNDERWAY = 4;

/**
 * Batches of one writing session, sent one after the other without waiting for each one's answer: a distant server is
 * given the next ones while it answers. They are done in the order in which they were sent.
 */
export class WriteLine {
  readonly #underway: Promise<void>[] = [];
  #failure: { readonly cause: unknown } | undefined;

  /**
   * Waits until there is room, and begins.
   * @param write sends at once what it has to send
   * @returns when this batch is done; rejects where it failed
   * @throws what an earlier batch failed with: nothing more is begun
   */
  async send(write: () => Promise<void>): Promise<{ readonly done: Promise<void> }> {
    while (this.#failure === undefined && this.#underway.length >= MOST_UNDERWAY) await this.#underway[0];
    if (this.#failure !== undefined) throw this.#failure.cause;
    const done = write();
    const ended = done.catch((cause: unknown) => {
      this.#failure ??= { cause };
    });
    this.#underway.push(ended);
    void ended.then(() => this.#underway.splice(this.#underway.indexOf(ended), 1));
    return { done };
  }
}
