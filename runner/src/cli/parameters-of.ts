import { type Parameters, parseParameters } from '../config/parameters.js';
import { UnderstudyError } from '../errors/index.js';

export interface FlagValues {
  readonly dryRun?: boolean;
  readonly run?: string;
  readonly allowDeletions?: boolean;
  readonly keepLock?: boolean;
}

export type SiteParameters = Parameters & { readonly site: string };

/**
 * Parameters from UNDERSTUDY_PARAMETERS (Jenkins) and from flags; a flag that is given wins.
 * @throws USAGE
 */
export function parametersOf(command: string, site: string | undefined, flags: FlagValues): SiteParameters {
  const given = parseParameters(process.env['UNDERSTUDY_PARAMETERS'] ?? '{}');
  const name = site ?? given.site;
  if (name === undefined)
    throw new UnderstudyError('USAGE', 'No site was named.', {
      next: `Give the name of a site: understudy ${command} <site>. understudy validate lists them.`,
    });
  if (site !== undefined && given.site !== undefined && site !== given.site) {
    throw new UnderstudyError('USAGE', `Two sites were named: ${site} and ${given.site}.`);
  }
  const run = flags.run ?? given.run;
  return {
    site: name,
    dryRun: flags.dryRun === true || given.dryRun,
    allowDeletions: flags.allowDeletions === true || given.allowDeletions,
    keepLock: flags.keepLock === true || given.keepLock,
    run,
    approvedBy: given.approvedBy,
  };
}
