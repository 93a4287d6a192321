/* eslint no-var: off -- its text begins the bundle, where node of any age must be able to read it */

/**
 * Ends the process with exit code 3 and one line on stderr where node is older than what Understudy is made for. ECMAScript
 * 5, and nothing but node's globals: its text is the first that the bundle runs.
 * @param {string} found `process.versions.node`
 */
export function refuseOldNode(found) {
  var needed = 20;
  if (parseInt(found, 10) >= needed) return;
  process.stderr.write(
    'NODE_TOO_OLD: This is Node.js ' +
      found +
      ' (' +
      process.execPath +
      '); Understudy needs Node.js ' +
      needed +
      ' or later. Next: install it, or put the folder of a newer node first in PATH.\n',
  );
  process.exit(3);
}
