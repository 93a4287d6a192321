export { credentialsOf, type CredentialBinding } from './credentials-of.js';
export { loadSite, loadSites, type LoadedSites } from './load-sites.js';
export { configInvalid, formatProblems, type Problem } from './problem.js';
export {
  describe as describeSecret,
  resolveLogin,
  resolveSecret,
  type Login,
  type SecretOptions,
} from './resolve-secret.js';
export * from './sections.js';
export * from './site.js';
export { STAGES, stagesOf, type StageName } from './stage-list.js';
