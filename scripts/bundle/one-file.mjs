// Puts the chunks that esbuild makes (one for each set of commands that share code) into one CommonJS file.
// The entry is read by node; the other chunks wait in a comment behind it, which costs next to nothing, and are compiled
// when they are asked for: a command pays for its own code alone.
import { transform } from 'esbuild';
import { chunkLoader } from './chunk-loader.mjs';

/** Stands for the end of a comment inside of a chunk's text. */
const MASKED = '*##/';

/**
 * @param {readonly { name: string, text: string }[]} chunks ES modules that import each other as `./name`
 * @param {string} entry name of the chunk that starts
 * @param {import('esbuild').TransformOptions} minify how it is to be written
 * @returns {Promise<string>} a CommonJS program
 */
export async function oneFile(chunks, entry, minify) {
  const texts = new Map();
  for (const { name, text } of chunks) texts.set(name, await asCommonJs(text, minify));
  const start = texts.get(entry);
  texts.delete(entry);
  const places = {};
  let all = '';
  for (const [name, text] of texts) {
    if (text.includes(MASKED)) throw new Error(`${name} holds ${MASKED}`);
    const masked = text.replaceAll('*/', MASKED);
    places[name] = [all.length, masked.length];
    all += masked;
  }
  const values = `chunkTexts, ${JSON.stringify(places)}, ${JSON.stringify(MASKED)}`;
  const loader = `require = (${chunkLoader.toString()})(require, __filename, __dirname, ${values});`;
  const { code: first } = await transform(loader, minify);
  return `#!/usr/bin/env node\n"use strict";${first.trim()}\n${start}\nfunction chunkTexts(){/*${all}*/}\n`;
}

async function asCommonJs(text, minify) {
  const { code } = await transform(text, {
    ...minify,
    format: 'cjs',
    platform: 'node',
    supported: { 'dynamic-import': false },
    legalComments: 'none',
  });
  return code.trim();
}
