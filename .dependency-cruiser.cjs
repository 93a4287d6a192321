const { layers } = require('./runner/layers.cjs');

const forbidden = layers.slice(0, -1).map((folders, level) => ({
  name: `${folders.join('-')}-imports-upwards`,
  severity: 'error',
  comment: `${folders.join(', ')} must not import from a layer above`,
  from: { path: `^runner/src/(${folders.join('|')})/` },
  to: {
    path: `^runner/src/(main\\.ts|(${layers
      .slice(level + 1)
      .flat()
      .join('|')})/)`,
  },
}));

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'every-folder-has-a-layer',
      severity: 'error',
      comment: 'add the folder to a layer above',
      from: {
        path: '^runner/src/',
        pathNot: `^runner/src/(main\\.ts|[^/]+\\.d\\.ts|(${layers.flat().join('|')})/)`,
      },
      to: {},
    },
    {
      name: 'only-hosts-run-processes',
      severity: 'error',
      comment: 'execa, node-ssh and ssh2 are imported in hosts/ alone',
      from: { path: '^runner/src/', pathNot: '^runner/src/hosts/' },
      to: { path: '(^|/)node_modules/(execa|node-ssh|ssh2)/' },
    },
    {
      name: 'pure-folders-do-no-io',
      severity: 'error',
      comment: 'commands/ and rewrite/ are values in, values out',
      from: { path: '^runner/src/(commands|rewrite)/' },
      to: { path: '^(node:)?(fs|child_process|net|http|https|tls|dgram)(/|$)' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
