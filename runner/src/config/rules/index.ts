import { bootSource, notifyChannels, oneOf, plainSite } from './one-of.js';
import { credentialNames } from './credential-names.js';
import { rewritePairs, tablePatterns } from './rewrite-pairs.js';
import { type PairRule, type Rule } from './rule.js';
import { sshAccounts, workFolders } from './work-folders.js';
import {
  archiveOverlaps,
  stagingIsAnothersProduction,
  stagingIsProduction,
  stagingsOverlap,
} from './staging-is-production.js';
import { urlMap, urlMapLeadsElsewhere } from './url-map.js';

/** Every rule about one site. */
export const RULES: readonly Rule[] = [
  stagingIsProduction,
  archiveOverlaps,
  workFolders,
  oneOf,
  notifyChannels,
  sshAccounts,
  plainSite,
  bootSource,
  credentialNames,
  rewritePairs,
  tablePatterns,
  urlMap,
];

/** Every rule about two sites. */
export const PAIR_RULES: readonly PairRule[] = [
  stagingIsAnothersProduction,
  stagingsOverlap,
  urlMapLeadsElsewhere,
];
