/* eslint no-var: off -- its text begins the bundle, where node of any age must be able to read it */

/**
 * `require` for the bundle: knows the chunks too. Its text is put at the top of the bundle, so it uses nothing but its
 * parameters, and is written in ECMAScript 5: see node-version.mjs.
 * @param {NodeJS.Require} outside node's own, for node's modules
 * @param {string} filename the bundle's own, for stack traces
 * @param {string} folder where the bundle lies
 * @param {() => void} chunkTexts a function that holds nothing but a comment with the texts of the chunks, one behind
 *   the other: node keeps the source of what it runs, so they are those of this very bundle, whatever becomes of the file
 * @param {Record<string, [number, number]>} places where in the comment a chunk begins and how many characters it has
 * @param {string} masked what stands for the end of a comment
 */
export function chunkLoader(outside, filename, folder, chunkTexts, places, masked) {
  var commentEnd = '*' + '/';
  var loaded = new Map();
  return function requireChunk(id) {
    var place = id.indexOf('./') === 0 ? places[id.slice(2)] : undefined;
    if (place === undefined) return outside(id);
    if (loaded.has(id)) return loaded.get(id).exports;
    var chunk = { exports: {} };
    // Before it runs: chunks may ask for each other in a circle.
    loaded.set(id, chunk);
    var whole = chunkTexts.toString();
    var from = whole.indexOf('/*') + 2 + place[0];
    var text = whole.slice(from, from + place[1]).replaceAll(masked, commentEnd);
    var names = ['exports', 'require', 'module', '__filename', '__dirname'];
    var run = outside('node:vm').compileFunction(text, names, { filename: filename + ':' + id.slice(2) });
    run(chunk.exports, requireChunk, chunk, filename, folder);
    return chunk.exports;
  };
}
