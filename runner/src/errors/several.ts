/**
 * A number with its noun, and a verb where the sentence needs one: `3 files`, `1 file`, `1,200 checks fail`.
 * @param one for exactly one of them
 * @param many for every other number
 */
export const several = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
