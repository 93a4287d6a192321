/** Texts like those in real dumps; made from a seed, so that figures compare. */
export const PRODUCTION = 'https://www.acme.com';
export const STAGING = 'https://staging.acme.com';

const WORDS =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua größe naïve 日本語'.split(
    ' ',
  );

/** A small linear congruential generator: fast and the same everywhere. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * below);
  };
}

const sentence = (random: (below: number) => number, words: number): string =>
  Array.from({ length: words }, () => WORDS[random(WORDS.length)] ?? '').join(' ');

const serializeString = (text: string): string => `s:${String(Buffer.byteLength(text))}:"${text}";`;

/** An options array with two URLs, about 300 bytes. */
export function serializedValue(random: (below: number) => number): string {
  return (
    `a:5:{${serializeString('url')}${serializeString(`${PRODUCTION}/wp-content/uploads/${String(random(9999))}.jpg`)}` +
    `${serializeString('width')}i:${String(random(4000))};${serializeString('caption')}${serializeString(sentence(random, 12))}` +
    `${serializeString('sizes')}a:1:{i:0;${serializeString(`${PRODUCTION}/?p=${String(random(9999))}`)}}${serializeString('on')}b:1;}`
  );
}

/** A paragraph of a post; with a link when asked for. */
export const post = (random: (below: number) => number, hasLink: boolean): string =>
  `<p>${sentence(random, 120)}</p>${hasLink ? `<a href="${PRODUCTION}/page-${String(random(999))}">link</a>` : ''}\n`;

const quoteSql = (text: string): string =>
  `'${text.replace(/[\\'"\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`))}'`;

/** A dump of about `megabytes`, of which about one row in ten has production URLs. */
export function dumpLike(megabytes: number): Buffer {
  const random = randomFrom(7);
  const lines = [
    'CREATE TABLE `wp_posts` (\n  `ID` bigint NOT NULL,\n  `post_content` longtext,\n  `post_title` text,\n  `guid` text,\n  PRIMARY KEY (`ID`)\n);\n',
  ];
  for (let size = 0, id = 1; size < megabytes * 1e6;) {
    const rows = Array.from({ length: 200 }, () => {
      const hit = random(10) === 0;
      const content = hit && random(2) === 0 ? serializedValue(random) : post(random, hit);
      return `(${String(id++)},${quoteSql(content)},${quoteSql(sentence(random, 5))},'')`;
    });
    const line = `INSERT INTO \`wp_posts\` VALUES ${rows.join(',')};\n`;
    lines.push(line);
    size += line.length;
  }
  return Buffer.from(lines.join(''));
}
