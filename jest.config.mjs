// Unit, golden, property, integration and bundle tests are folders below runner/test; see CONTRIBUTING.md.
const config = {
  rootDir: '.',
  // What was compiled outlives a temporary folder that lies in memory.
  cacheDirectory: '<rootDir>/build/jest',
  roots: ['<rootDir>/runner/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2022',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
  testTimeout: 60_000,
  maxWorkers: 2,
};
export default config;
