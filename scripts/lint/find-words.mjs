import { FORBIDDEN_WORDS, KEPT_SPELLINGS } from './forbidden-words.mjs';

const rules = FORBIDDEN_WORDS.map(([{ source }, instead]) => [new RegExp(source, 'i'), instead]);

/**
 * @param {string} text of one file
 * @returns {{ line: number, word: string, instead: string }[]} each forbidden word, by line; lines count from 1
 */
export function findWords(text) {
  return text.split('\n').flatMap((full, index) => {
    const line = KEPT_SPELLINGS.reduce((rest, kept) => rest.replace(kept, ''), full);
    return rules.flatMap(([pattern, instead]) => {
      const word = pattern.exec(line)?.[0];
      return word === undefined ? [] : [{ line: index + 1, word, instead }];
    });
  });
}
