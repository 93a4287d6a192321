/**
 * Formats of the schema: each function gives undefined for a good value, else what is wrong with it,
 * as the rest of a sentence that begins with the key. None of them shows the value.
 */
export type Format = (value: string) => string | undefined;

/** Characters that show text in another order than it is read (Unicode TR 9). */
export const BIDI_CONTROLS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/;

/** What no text of a site file may hold; checked for every text, keys included. */
export const hiddenCharacters: Format = (value) => {
  if (/[\r\n]/.test(value)) return 'holds a line break';
  if (value.includes('\0')) return 'holds a NUL character';
  if (BIDI_CONTROLS.test(value)) return 'holds a character that changes the direction of text';
  if (CONTROLS.test(value) || /\p{Surrogate}/u.test(value)) return 'holds a control character';
  return undefined;
};

export const notAnOption: Format = (value) =>
  value.startsWith('-') ? 'begins with a hyphen: a program would take it for an option' : undefined;

/** A format from a pattern of what is allowed and the sentence for everything else. */
export const matching =
  (pattern: RegExp, sentence: string): Format =>
  (value) =>
    notAnOption(value) ?? (pattern.test(value) ? undefined : sentence);

/** The first complaint of several formats. */
export const allOf =
  (...formats: readonly Format[]): Format =>
  (value) => {
    for (const format of formats) {
      const complaint = format(value);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };
