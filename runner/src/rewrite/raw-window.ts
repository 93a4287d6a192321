/** The surroundings of one hit in a text that is written with escapes, decoded. */
export interface RawWindow {
  /** The decoded bytes; only the first {@link length} count. */
  readonly text: Buffer;
  readonly length: number;
  /**
   * Decodes what stands around raw offset `hit`, between raw offsets `low` and `end`.
   * @returns the decoded offset of the hit; -1 when an escape covers it
   */
  open(hit: number, low: number, end: number): number;
  /** Where decoded offset `decoded` is written. */
  rawOffset(decoded: number): number;
}
