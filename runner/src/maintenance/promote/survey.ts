import { shellScript } from '../../commands/command.js';
import { OLDEST_RSYNC } from '../../commands/rsync.js';
import { type Site } from '../../config/site.js';
import { type Finding } from '../../errors/index.js';
import { type ProductionInstance } from './operation/instances.js';
import { below, type SiteLayout } from '../../wordpress/site/site-layout.js';
import { foreignPage, pageFolder } from './page.js';
import { SURVEY } from '../../commands/scripts/promotion-scripts.js';

export interface InstanceSurvey {
  /** Work folder and live tree are on one filesystem. */
  readonly same: boolean;
  /** Folders of code that lie on another filesystem than the work folder (a mount in the tree). */
  readonly apart: readonly string[];
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
  layout: SiteLayout,
): Promise<InstanceSurvey> {
  const { core, content, plugins, mustUse } = layout;
  const parts = [below(core, 'wp-includes'), content, plugins, mustUse, below(content, 'themes')];
  const { stdout } = await host.run(shellScript('read', SURVEY, [site.production.path, folder, ...parts]), {
    label: 'look at disk and tools',
  });
  return parseSurvey(stdout.toString());
}

export function parseSurvey(text: string): InstanceSurvey {
  const word = (name: string): string | undefined => new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
  return {
    same: /^same$/m.test(text),
    apart: [...text.matchAll(/^apart (.+)$/gm)].map(([, folder = '']) => folder),
    writable: /^writable$/m.test(text),
    freeBytes: Number(word('free') ?? 0) * 1024,
    totalBytes: Number(word('total') ?? 0) * 1024,
    rsync: word('rsync'),
    wp: word('wp'),
  };
}

/** What would stop the promotion on one host. @param bytes that will lie beside the live tree */
export async function instanceFindings(
  site: Site,
  instance: ProductionInstance,
  bytes: number,
  layout: SiteLayout,
): Promise<readonly Finding[]> {
  const survey = await surveyInstance(site, instance, layout);
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
  if (survey.same && survey.apart.length > 0)
    findings.push(
      error(
        `${survey.apart.join(', ')} in ${site.production.path} lies on another disk than the rest: its files could not change places in an instant.`,
        'Mount the whole document root from one file system, or deploy this site by other means.',
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
        `The disk has ${String(Math.floor(survey.freeBytes / 1e6))} MB free; ${String(Math.ceil((bytes * 1.2) / 1e6))} MB are needed, and 5 % must stay free.`,
        'Free space on production.',
      ),
    );
  if (await foreignPage(instance.host, pageFolder(site, layout)))
    findings.push(
      error(
        `There is a .maintenance in ${pageFolder(site, layout)} that is not Understudy’s.`,
        'Someone is updating production, or an update was interrupted. Wait, or remove the file.',
      ),
    );
  return findings;
}
