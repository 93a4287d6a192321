/** How `init` gets what was not given: a person at the terminal, or nobody. */
export interface Dialog {
  /**
   * One answer, not empty.
   * @throws USAGE that names the flag, where nobody can be asked
   */
  ask(
    question: string,
    help: { readonly flag: string; readonly example?: string; readonly usual?: string | undefined },
  ): Promise<string>;
  /** A yes. Where nobody can be asked: undefined. */
  confirm(question: string): Promise<boolean | undefined>;
}
