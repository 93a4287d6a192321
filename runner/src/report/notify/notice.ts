import { type NotifySettings } from '../../config/sections.js';
import { maskSecrets, shownLine } from '../../errors/index.js';

/** What people are told when something ended or waits for them: short, one thing to do, and where to read more. */
export interface Notice {
  readonly event: NotifySettings['on'][number];
  readonly site: string;
  /** The site's title. */
  readonly title: string;
  readonly run: string;
  readonly headline: string;
  /** The one thing to do; '' where there is nothing. */
  readonly next: string;
  /** Address of the report or the build; '' without one. */
  readonly link: string;
  readonly opens: 'report' | 'build';
}

/** How the same work ended the last time, for `onlyChanges`; undefined: not known. */
export type Before = 'complete' | 'failed' | 'aborted' | undefined;

const LONGEST = 1500;

/** One line that nothing from elsewhere can break, masked and bounded. Every channel escapes it once more, for itself. */
export const noticeLine = (text: string): string => {
  const line = shownLine(maskSecrets(text).replaceAll(/\s+/g, ' ').trim());
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
};

/** An address that chats and mail programs may open; '' for anything else. */
export const noticeLink = (link: string): string =>
  /^https?:\/\/[^\s<>|"'()\\]+$/.test(link) ? maskSecrets(link) : '';

export const linkText = ({ opens }: Pick<Notice, 'opens'>): string => `Open the ${opens}`;

/** Whether a site wants to hear of it. A state that is the same as before is no news where `onlyChanges` is set. */
export function isWanted(
  { on, onlyChanges }: Pick<NotifySettings, 'on' | 'onlyChanges'>,
  event: Notice['event'],
  before: Before,
): boolean {
  if (!on.includes(event)) return false;
  if (!onlyChanges) return true;
  if (event === 'failure') return before !== 'failed';
  return event !== 'success' || before !== 'complete';
}
