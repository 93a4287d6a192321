import { type NetworkOptions } from '../../../sandbox/servers/network.js';

export interface Link extends NetworkOptions {
  readonly name: string;
}

/** `80` is milliseconds of round trip, `80@100` the same at 100 Mbit/s; several are separated by commas. */
export const readLinks = (words: string): readonly Link[] =>
  words.split(',').map((text): Link => {
    const [milliseconds = '0', rate] = text.split('@');
    const name = `${milliseconds} ms${rate === undefined ? '' : `, ${rate} Mbit/s`}`;
    const roundTripMs = Number(milliseconds);
    return rate === undefined
      ? { name, roundTripMs }
      : { name, roundTripMs, megabitsPerSecond: Number(rate) };
  });
