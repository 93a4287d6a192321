import {
  credentialsOf,
  type CredentialBinding,
  type Site,
  stagesOf,
  type StageName,
} from '../config/index.js';
import { secondsOf } from '../config/formats/names.js';
import { listOf, mappingOf, textOf } from '../config/mapping.js';

/** What the Jenkins bridge asks before it runs a stage: `vars/runStage.groovy` reads exactly these. */
export interface BuildContext {
  readonly version: 1;
  readonly site: string;
  readonly title: string;
  readonly type: Site['type'];
  readonly agent: string;
  readonly schedule: string;
  readonly stages: readonly StageName[];
  /** Optional sections that the site file has. */
  readonly sections: readonly SectionName[];
  readonly credentials: readonly CredentialBinding[];
  readonly approval: ApprovalRules;
  readonly digest: string;
}

export type SectionName = 'maintenance' | 'archive' | 'publish';

export interface ApprovalRules {
  readonly policy: 'person' | 'when-green';
  /** How long `input` waits. */
  readonly minutes: number;
  /** The same rounded up, for the lock. */
  readonly hours: number;
  /** Jenkins users and groups; empty: everybody who may build the job. */
  readonly by: readonly string[];
}

const SECTIONS = ['maintenance', 'archive', 'publish'] as const satisfies readonly SectionName[];

export const contextOf = (site: Site): BuildContext => ({
  version: 1,
  site: site.name,
  title: site.title,
  type: site.type,
  agent: site.agent,
  schedule: site.schedule,
  stages: stagesOf(site.type),
  sections: sectionsOf(site),
  credentials: credentialsOf(site),
  approval: approvalOf(site),
  digest: site.digest,
});

export const sectionsOf = (site: Site): SectionName[] => SECTIONS.filter((name) => site[name] !== undefined);

/** How the site wants a promotion approved. */
export function approvalOf(site: Site): ApprovalRules {
  const { policy, timeout, by } = mappingOf(mappingOf(site.maintenance)['approve']);
  const minutes = Math.ceil(secondsOf(textOf(timeout) ?? '24h') / 60);
  return {
    policy: policy === 'when-green' ? policy : 'person',
    minutes,
    hours: Math.ceil(minutes / 60),
    by: listOf(by).filter((name) => typeof name === 'string'),
  };
}
