/** One line of the report: what was done, and to how many rows. */
export interface HygieneNote {
  readonly what: string;
  readonly rows: number;
}
