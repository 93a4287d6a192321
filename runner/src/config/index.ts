export { credentialsOf, type CredentialBinding } from './secrets/credentials-of.js';
export { loadSite, loadSites } from './load/load-sites.js';
export { configInvalid } from './problem.js';
export * from './sections.js';
export * from './site.js';
export { stagesOf, type StageName } from './stage-list.js';
