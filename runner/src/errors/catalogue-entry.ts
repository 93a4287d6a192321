import { type ExitCode } from './exit-codes.js';

interface EntryText {
  /** What happened, in one sentence, without details of the case. */
  readonly title: string;
  /** What a person does next. */
  readonly next: string;
}

/** What may end a process. A finding with its code may still be a warning, where the site file tolerates it. */
interface ErrorEntry extends EntryText {
  /** How the process ends when this error ends it. */
  readonly exit: ExitCode;
}

/** What never ends a process: it has no exit code. */
interface NoticeEntry extends EntryText {
  readonly severity: 'warning' | 'info';
}

export type CatalogueEntry = ErrorEntry | NoticeEntry;

/** Keeps the literal keys (they become the type of all codes) while checking the shape. */
export const defineCodes = <const Codes extends Record<string, CatalogueEntry>>(codes: Codes): Codes => codes;
