export { loadSite, loadSites, type LoadedSites } from './load-sites.js';
export { configInvalid, formatProblems, type Problem } from './problem.js';
export * from './site.js';
