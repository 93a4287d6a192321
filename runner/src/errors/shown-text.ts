/**
 * Text that came from elsewhere (names of tables, files, plugins, users; answers of programs) as people may see it: nothing
 * in it drives a terminal, hides, turns the direction of what follows, or looks like a line of Understudy. Pure.
 */

/** Control characters but tab and line break. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;
/**
 * Marks that change the direction of what follows (Unicode TR 36, 2.10), that are invisible, or that belong to no
 * character: half a surrogate pair, tags, private annotation.
 */
const MARKS =
  /[\u17b4\u17b5\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

const escaped = (sign: string): string => {
  const code = sign.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** Several lines stay several lines; everything else that could lie is written as an escape: `\x1b`, `\u{202e}`. */
export const shownText = (text: string): string => {
  const unified = text.replaceAll('\r\n', '\n');
  return unified.replace(CONTROLS, escaped).replace(MARKS, escaped);
};

/** One line: line breaks in it are written as `\n`. */
export const shownLine = (text: string): string => shownText(text).replaceAll('\n', '\\n');
