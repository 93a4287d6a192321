/** One file that is made from others. `npm run generate` writes it; `--check` compares. */
export interface GeneratedFile {
  /** Relative to the top of the repository. */
  readonly path: string;
  render(): string | Promise<string>;
}
