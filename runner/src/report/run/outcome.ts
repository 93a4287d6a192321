import { STAGES, stagesOf } from '../../config/stage-list.js';
import { type Weight } from '../page/page-parts.js';
import { type RunReport, type StageReport } from './run-report.js';

/** How a sync ended, in the words that page, chat and mail begin with. */
export interface Outcome {
  readonly weight: Weight;
  /** One sentence. */
  readonly headline: string;
  /** What staging serves now. */
  readonly serves: string;
  /** How to get the copy before it back; '' where there is nothing to go back from. */
  readonly goBack: string;
}

export function outcomeOf(report: RunReport): Outcome {
  return { ...headlineOf(report), serves: servesOf(report), goBack: goBackOf(report) };
}

function headlineOf(report: RunReport): Pick<Outcome, 'weight' | 'headline'> {
  const place = placeOf(report);
  if (report.state === 'complete')
    return report.errors.length > 0
      ? { weight: 'look', headline: 'Staging has a new copy of production, but a check found a problem.' }
      : { weight: 'good', headline: 'Staging is a fresh copy of production.' };
  if (report.state === 'failed')
    return report.serves === 'new'
      ? { weight: 'look', headline: `Staging has a new copy of production, but ${place} failed.` }
      : {
          weight: 'bad',
          headline: place === '' ? 'The sync did not start.' : `The sync failed in ${place}.`,
        };
  if (report.state === 'aborted')
    return {
      weight: 'note',
      headline:
        place === '' ? 'The sync was stopped before its first stage.' : `The sync was stopped in ${place}.`,
    };
  return {
    weight: 'note',
    headline: place === '' ? 'The sync has started.' : `The sync has reached ${place}.`,
  };
}

/** `stage 3 of 6, Transfer backup`; '' before the first. */
function placeOf(report: RunReport): string {
  const names = stagesOf(report.about.type);
  const last = report.stages.findLast(({ state }) => state !== 'complete') ?? report.stages.at(-1);
  const index = names.findIndex((name) => name === last?.name);
  return last === undefined || index < 0
    ? ''
    : `stage ${String(index + 1)} of ${String(names.length)}, ${last.label}`;
}

function servesOf({ serves, state }: RunReport): string {
  if (serves === 'new') return 'Staging serves the new copy.';
  if (serves === 'unknown') return 'Could not determine what staging serves.';
  return state === 'running'
    ? 'Staging serves what it served before; the last stage puts the new copy in place.'
    : 'Staging serves what it served before this run.';
}

const goBackOf = ({ serves, site }: RunReport): string =>
  serves === 'new' ? `understudy rollback ${site}` : serves === 'unknown' ? `understudy recover ${site}` : '';

/** All stages that apply to the site, in order; those that were not reached have the state `missing`. */
export const allStages = ({ about, stages }: RunReport): readonly StageReport[] =>
  stagesOf(about.type).map(
    (name) =>
      stages.find((stage) => stage.name === name) ?? {
        name,
        label: STAGES.find((stage) => stage.name === name)?.label ?? name,
        state: 'missing',
        seconds: 0,
        summary: '',
        metrics: {},
      },
  );
