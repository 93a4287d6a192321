import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CheckRun, type PagePicture } from './check-result.js';

/** The pictures that later ones are compared with, by path of the page. */
export interface PictureReference {
  /** Path of the page → PNG. */
  picture(pagePath: string): Promise<Buffer | undefined>;
  /** Pages that change by themselves, found when the baseline was taken twice. */
  readonly unstable: ReadonlySet<string>;
}

/** @param folder of the run, which the names of the pictures are relative to */
export function comparedWith(
  folder: string,
  run: CheckRun,
  unstable: ReadonlySet<string> = new Set(),
): PictureReference {
  const byPath = new Map(run.pictures.map((picture: PagePicture) => [picture.path, picture.file]));
  return {
    unstable,
    picture: async (pagePath) => {
      const file = byPath.get(pagePath);
      return file === undefined ? undefined : readFile(path.join(folder, file)).catch(() => undefined);
    },
  };
}
