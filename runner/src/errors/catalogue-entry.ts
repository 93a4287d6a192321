import { type ExitCode } from './exit-codes.js';

interface EntryText {
  /** What happened, in one sentence, without details of the case. */
  readonly title: string;
  /** What a person does next. */
  readonly next: string;
}

interface ErrorEntry extends EntryText {
  /** How the process ends when this error ends it. A finding with its code may be a warning all the same. */
  readonly exit: ExitCode;
}

/** It never ends a process. */
interface NoticeEntry extends EntryText {
  readonly severity: 'warning' | 'info';
}

export type CatalogueEntry = ErrorEntry | NoticeEntry;

/** Texts by code, and what is the same for all of them. */
const withEnd = <Entry extends EntryText, Codes extends string>(
  texts: Readonly<Record<Codes, EntryText>>,
  end: Omit<Entry, keyof EntryText>,
): Readonly<Record<Codes, Entry>> =>
  Object.fromEntries(
    Object.entries<EntryText>(texts).map(([code, text]) => [code, { ...text, ...end }]),
  ) as Readonly<Record<Codes, Entry>>;

export const errors = <Codes extends string>(exit: ExitCode, texts: Readonly<Record<Codes, EntryText>>) =>
  withEnd<ErrorEntry, Codes>(texts, { exit });
export const warnings = <Codes extends string>(texts: Readonly<Record<Codes, EntryText>>) =>
  withEnd<NoticeEntry, Codes>(texts, { severity: 'warning' });
export const notes = <Codes extends string>(texts: Readonly<Record<Codes, EntryText>>) =>
  withEnd<NoticeEntry, Codes>(texts, { severity: 'info' });
