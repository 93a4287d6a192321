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
  test('differ by the share of pixels, shown side by side', () => {
    const { percent, sideBySide } = comparePictures(
      picture(100, 100),
      picture(100, 100, { x: 0, y: 0, size: 50 }),
    );
    expect(percent).toBeCloseTo(25, 0);
    const sheet = PNG.sync.read(sideBySide ?? Buffer.alloc(0));
    expect([sheet.width, sheet.height]).toEqual([332, 100]);
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
