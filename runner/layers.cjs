// An import that points upwards fails CI, and so does a folder that stands in no layer. From the bottom to the top.
const layers = [
  ['basics'],
  ['errors'],
  ['config'],
  ['http'],
  ['hosts', 'commands', 'rewrite'],
  ['content', 'database', 'wordpress', 'run', 'report', 'jenkins'],
  ['cutover'],
  ['maintenance', 'stages'],
  ['pipelines'],
  ['cli'],
];

module.exports = { layers };
