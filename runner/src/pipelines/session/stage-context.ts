import { type Parameters } from '../../config/parameters.js';

import { type RunHandle } from '../../run/run-record.js';
import { type StageContext } from '../../stages/stage.js';
import { type Session } from './session.js';

/** What a stage gets to see of the process it runs in. */
export function stageContext<Watch extends StageContext['reporter']>(
  session: Session,
  run: RunHandle,
  reporter: Watch,
  parameters: Parameters,
): StageContext & { readonly watch: Watch } {
  const { site } = session;
  return {
    site: parameters.allowDeletions ? { ...site, content: { ...site.content, maxDeletePercent: 100 } } : site,
    run,
    hosts: session.hosts,
    database: session.database,
    wordpress: session.wordpress,
    ...(session.routes === undefined ? {} : { routes: session.routes }),
    atEnd: session.atEnd,
    reporter,
    watch: reporter,
    signal: session.signal,
    dryRun: parameters.dryRun,
  };
}
