import { shellScript } from '../../commands/command.js';
import { OLDEST_RSYNC } from '../../commands/rsync.js';
import { type Site } from '../../config/site.js';
import { type Finding } from '../../errors/index.js';
import { type ProductionInstance } from './instances.js';
import { foreignPage } from './page.js';
import { SURVEY } from './scripts.js';

export interface InstanceSurvey {
  /** Work folder and live tree are on one filesystem. */
  readonly same: boolean;
  readonly writable: boolean;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly rsync: string | undefined;
  /** Path of WP-CLI. */
  readonly wp: string | undefined;
}

export async function surveyInstance(
  site: Site,
  { host, folder }: ProductionInstance,
): Promise<InstanceSurvey> {
  const { stdout } = await host.run(shellScript('read', SURVEY, [site.production.path, folder]), {
    describe: 'look at disk and tools',
  });
  return parseSurvey(stdout.toString());
}

export function parseSurvey(text: string): InstanceSurvey {
  const word = (name: string): string | undefined => new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
  return {
    same: /^same$/m.test(text),
    writable: /^writable$/m.test(text),
    freeBytes: Number(word('free') ?? 0) * 1024,
    totalBytes: Number(word('total') ?? 0) * 1024,
    rsync: word('rsync'),
    wp: word('wp'),
  };
}

/** What stands in the way on one host. @param bytes that will lie beside the live tree */
export async function instanceFindings(
  site: Site,
  instance: ProductionInstance,
  bytes: number,
): Promise<readonly Finding[]> {
  const survey = await surveyInstance(site, instance);
  const { label } = instance.host;
  const error = (message: string, next: string): Finding => ({
    severity: 'error',
    code: 'PROMOTION_FAILED',
    message,
    host: label,
    next,
  });
  const findings: Finding[] = [];
  if (survey.rsync === undefined)
    findings.push(error('rsync is missing.', `Install rsync ${OLDEST_RSYNC} or newer on production.`));
  if (!survey.same)
    findings.push(
      error(
        `${instance.folder} lies on another disk than ${site.production.path}: files could not change places in an instant.`,
        'Set production.workDir to a folder outside of the document root on the same disk.',
      ),
    );
  if (!survey.writable)
    findings.push(
      error(
        `The account may not write to ${site.production.path}.`,
        'Let the account write there, or use another one.',
      ),
    );
  if (survey.totalBytes > 0 && survey.freeBytes - bytes * 1.2 < survey.totalBytes / 20)
    findings.push(
      error(
        `The disk has ${String(Math.floor(survey.freeBytes / 1e6))} MB free; ${String(Math.ceil((bytes * 1.2) / 1e6))} MB are needed, and a twentieth stays free.`,
        'Free space on production.',
      ),
    );
  if (await foreignPage(instance.host, site.production.path))
    findings.push(
      error(
        `There is a .maintenance in ${site.production.path} that is not Understudy’s.`,
        'Somebody updates production right now, or an update broke off. Wait, or remove the file.',
      ),
    );
  return findings;
}
