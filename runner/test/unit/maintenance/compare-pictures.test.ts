import { describe, expect, test } from '@jest/globals';
import { PNG } from 'pngjs';
import { comparePictures } from '../../../src/maintenance/checks/compare-pictures.js';
import { fileName } from '../../../src/maintenance/checks/visit-pages.js';

function picture(width: number, height: number, paint?: { x: number; y: number; size: number }): Buffer {
  const png = new PNG({ width, height });
  png.data.fill(255);
  if (paint)
    for (let y = paint.y; y < paint.y + paint.size; y += 1)
      for (let x = paint.x; x < paint.x + paint.size; x += 1)
        png.data.set([0, 0, 0, 255], (y * width + x) * 4);
  return PNG.sync.write(png);
}

describe('two pictures', () => {
  test('that are equal differ nowhere', () => {
    expect(comparePictures(picture(50, 50), picture(50, 50))).toEqual({ percent: 0 });
  });
  test('differ by the share of pixels, shown as three of one size', () => {
    const { percent, parts } = comparePictures(
      picture(100, 100),
      picture(100, 100, { x: 0, y: 0, size: 50 }),
    );
    expect(percent).toBeCloseTo(25, 0);
    const sizes = Object.values(parts ?? {}).map((part) => {
      const { width, height } = PNG.sync.read(part as Buffer);
      return [width, height];
    });
    expect(sizes).toEqual([
      [100, 100],
      [100, 100],
      [100, 100],
    ]);
  });
  test.each([
    ['at the lower right edge', { x: 480, y: 240, size: 10 }, 470, 230],
    ['at the upper left edge', { x: 0, y: 0, size: 10 }, 0, 0],
  ])('are cropped to where they differ: %s', (_, paint, x, y) => {
    const { parts } = comparePictures(picture(490, 250), picture(490, 250, paint));
    const after = PNG.sync.read(parts?.after ?? Buffer.alloc(0));
    expect([after.width, after.height]).toEqual([480, 240]);
    expect(after.data[(y * after.width + x) * 4]).toBe(0);
  });
  test('do not differ where they are masked', () => {
    const after = picture(100, 100, { x: 10, y: 10, size: 20 });
    expect(comparePictures(picture(100, 100), after, [{ x: 10, y: 10, width: 20, height: 20 }]).percent).toBe(
      0,
    );
  });
  test('of different heights differ by what only one has', () => {
    expect(comparePictures(picture(100, 100), picture(100, 200)).percent).toBeCloseTo(50, 0);
  });
});

test.each([
  ['/', /^home$/],
  ['/shop/', /^shop$/],
  ['/a/b/', /^a_b$/],
  ['/?p=7', /^p_7-[0-9a-f]{4}$/],
  ['/../etc/passwd', /^etc_passwd-[0-9a-f]{4}$/],
])('the picture of %s has a safe name', (path, name) => {
  expect(fileName(path)).toMatch(name);
});
