import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { type Random } from './random.js';

/**
 * Plugins and media of a site: `count` small files below `wp-content/plugins`, forty pictures in `uploads`.
 * The files do nothing; their names include those that scripts stumble over.
 * @param written when the plugins' files were written: two sites that were never one have no times in common
 */
export async function writeSiteFiles(
  root: string,
  count: number,
  random: Random,
  written: Date,
): Promise<void> {
  const content = path.join(root, 'wp-content');
  const perPlugin = 100;
  for (let made = 0, plugin = 1; made < count; made += perPlugin, plugin += 1) {
    const name = `acme-plugin-${String(plugin).padStart(2, '0')}`;
    const folder = path.join(content, 'plugins', name);
    await writePlugin(folder, name, Math.min(perPlugin, count - made), random, written);
  }
  const first = path.join(content, 'plugins/acme-plugin-01');
  await writeFile(path.join(first, 'a name (1) with späces & $signs.css'), 'p { color: red }\n');
  await writeFile(path.join(first, '-begins-with-a-dash.php'), '<?php // nothing\n');
  for (let month = 1; month <= 9; month += 1) {
    const folder = path.join(content, `uploads/2024/0${month}`);
    await mkdir(folder, { recursive: true });
    for (let number = month; number < 40; number += 9) {
      await writeFile(path.join(folder, `photo-${number}.png`), picture(number));
    }
  }
}

async function writePlugin(
  folder: string,
  name: string,
  count: number,
  random: Random,
  written: Date,
): Promise<void> {
  await mkdir(path.join(folder, 'includes'), { recursive: true });
  await mkdir(path.join(folder, 'assets/css'), { recursive: true });
  await writeFile(
    path.join(folder, `${name}.php`),
    `<?php\n/*\nPlugin Name: ${name}\nVersion: 1.${count}\n*/\n`,
  );
  const writes = Array.from({ length: count - 1 }, async (_, index) => {
    const style = index % 4 === 0;
    const file = style ? `assets/css/part-${index}.css` : `includes/class-part-${index}.php`;
    const line = style
      ? `.part-${random.below(1e6)} { margin: 0 }\n`
      : `// ${random.below(1e6)} does nothing\n`;
    const target = path.join(folder, file);
    await writeFile(target, (style ? '' : '<?php\n') + line.repeat(10 + random.below(80)));
    await utimes(target, written, written);
  });
  await Promise.all(writes);
}

/** A small PNG of one colour. */
function picture(number: number): Buffer {
  const [width, height] = [64, 48];
  const row = Buffer.concat([
    Buffer.from([0]),
    Buffer.alloc(width * 3, Buffer.from([number * 6, 90, 255 - number * 6])),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngPart('IHDR', header),
    pngPart('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    pngPart('IEND', Buffer.alloc(0)),
  ]);
}

function pngPart(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
