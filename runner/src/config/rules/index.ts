import { bootSource } from './boot-source.js';
import { credentialNames } from './credential-names.js';
import { notifyChannels } from './notify-channels.js';
import { oneOf } from './one-of.js';
import { plainSite } from './plain-site.js';
import { rewritePairs } from './rewrite-pairs.js';
import { type PairRule, type Rule } from './rule.js';
import { sshAccounts } from './ssh-accounts.js';
import {
  archiveOverlaps,
  stagingIsAnothersProduction,
  stagingIsProduction,
  stagingsOverlap,
} from './staging-is-production.js';
import { tablePatterns } from './table-patterns.js';
import { urlMap, urlMapLeadsElsewhere } from './url-map.js';
import { workFolders } from './work-folders.js';

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
