/** One line of the report: what was done, and to how many rows. */
export interface SanitizeNote {
  readonly what: string;
  readonly rows: number;
}
