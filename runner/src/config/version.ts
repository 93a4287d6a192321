declare const UNDERSTUDY_VERSION: string | undefined;

/** Written into the bundle when it is built; `0.0.0-source` when run from the sources. */
export const VERSION = typeof UNDERSTUDY_VERSION === 'string' ? UNDERSTUDY_VERSION : '0.0.0-source';
