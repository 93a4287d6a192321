/** Text as a regular expression that matches it alone: of JavaScript, with any flag, and POSIX extended. */
export const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `*` and `?` as in a shell, over the whole text; letters in any case. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = escapePattern(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}
