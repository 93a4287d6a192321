// main → cli → pipelines → stages → cutover → {database, wordpress, content, maintenance, run, report, jenkins}
//      → {hosts, commands, rewrite} → config → errors. An import that points the other way fails CI, and so does a folder
// that stands in no layer.
// From the bottom to the top.
const layers = [
  ['errors'],
  ['config'],
  ['hosts', 'commands', 'rewrite'],
  ['content', 'database', 'wordpress', 'run', 'report', 'jenkins'],
  ['cutover'],
  ['maintenance', 'stages'],
  ['pipelines'],
  ['cli'],
];

module.exports = { layers };
