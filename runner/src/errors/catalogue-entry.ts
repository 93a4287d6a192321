import { type ExitCode } from './exit-codes.js';

export interface CatalogueEntry {
  /** How the process ends when this error ends it. */
  readonly exit: ExitCode;
  /** What happened, in one sentence, without details of the case. */
  readonly title: string;
  /** What a person does next. */
  readonly next: string;
}

/** Keeps the literal keys (they become the type of all codes) while checking the shape. */
export const defineCodes = <const Codes extends Record<string, CatalogueEntry>>(codes: Codes): Codes => codes;
