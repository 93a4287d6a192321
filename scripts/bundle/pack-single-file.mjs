// Puts the chunks that esbuild makes (one for each set of commands that share code) into one CommonJS file.
// The chunks wait in a comment, which costs next to nothing, and are compiled when they are asked for: a command pays for
// its own code alone. All that node reads by itself is ECMAScript 5, so that one that is too old can say so.
import { transform } from 'esbuild';
import { chunkLoader } from './chunk-loader.mjs';
import { refuseOldNode } from './node-version.mjs';

/** Stands for the end of a comment inside of a chunk's text. */
const MASKED = '*##/';

/**
 * @param {readonly { name: string, text: string }[]} chunks ES modules that import each other as `./name`
 * @param {string} entry name of the chunk that starts
 * @param {import('esbuild').TransformOptions} minify how it is to be written
 * @returns {Promise<string>} a CommonJS program
 */
export async function packSingleFile(chunks, entry, minify) {
  const texts = new Map();
  for (const { name, text } of chunks) texts.set(name, await asCommonJs(text, minify));
  const places = {};
  let all = '';
  for (const [name, text] of texts) {
    if (text.includes(MASKED)) throw new Error(`${name} holds ${MASKED}`);
    const masked = text.replaceAll('*/', MASKED);
    places[name] = [all.length, masked.length];
    all += masked;
  }
  const values = `chunkTexts, ${JSON.stringify(places)}, ${JSON.stringify(MASKED)}`;
  const first =
    `(${refuseOldNode.toString()})(process.versions.node);` +
    `(${chunkLoader.toString()})(require, __filename, __dirname, ${values})("./${entry}");`;
  // Throws where it holds what ECMAScript 5 does not have.
  const { code } = await transform(first, { ...minify, target: 'es5' });
  return `#!/usr/bin/env node\n"use strict";${code.trim()}\nfunction chunkTexts(){/*${all}*/}\n`;
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
