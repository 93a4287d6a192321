/** How a backup is compressed. `zstd` at level 1 costs 0.8 s per 325 MB where gzip costs 6. */
export type Compression = 'zstd' | 'gzip';

/** Words that compress with zstd; a file that is made anew on another host must get the same bytes where it can. */
export const ZSTD = 'zstd -1 -q -c';

export interface Compressor {
  readonly compression: Compression;
  /** Shell words that read standard input and write standard output; constants, never values. */
  readonly text: typeof ZSTD | 'pigz -1 -c' | 'gzip -1 -c';
  /** Ending of file names, without the dot. */
  readonly ending: 'zst' | 'gz';
}

/** The best of what a host has; undefined when it has none. */
export function chooseCompressor(programs: ReadonlySet<string>): Compressor | undefined {
  if (programs.has('zstd')) return { compression: 'zstd', text: ZSTD, ending: 'zst' };
  if (programs.has('pigz')) return { compression: 'gzip', text: 'pigz -1 -c', ending: 'gz' };
  if (programs.has('gzip')) return { compression: 'gzip', text: 'gzip -1 -c', ending: 'gz' };
  return undefined;
}

export const decompressArguments = (compression: Compression, file: string): [string, ...string[]] => [
  compression,
  '-d',
  '-c',
  '-q',
  '--',
  file,
];
