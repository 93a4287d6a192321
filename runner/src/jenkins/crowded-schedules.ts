import { mappingOf, textOf } from '../config/mapping.js';
import { type Site } from '../config/site.js';
import { several } from '../errors/index.js';

/** This number of builds at one minute is more than executors that wait for them, and than one database server likes. */
const CROWD = 3;
const NAMED = 5;

/**
 * Sites whose schedules name one and the same minute, a sentence for each such time. Jenkins spreads only what is
 * written with an H, by the names of the jobs.
 */
export function crowdedSchedules(sites: readonly Site[]): string[] {
  const at = new Map<string, string[]>();
  for (const site of sites)
    for (const text of [site.schedule, textOf(mappingOf(site.maintenance)['schedule']) ?? ''])
      for (const line of text.split('\n').filter((one) => /^\s*[\d*]/.test(one))) {
        const time = line.trim().split(/\s+/).join(' ');
        at.set(time, [...(at.get(time) ?? []), site.name]);
      }
  return [...at]
    .filter(([, names]) => names.length >= CROWD)
    .map(([time, names]) => {
      const more = names.length > NAMED ? ` and ${String(names.length - NAMED)} more` : '';
      const spread = time.replace(/^\*(?=\/)|^\S+/, 'H');
      return `${several(names.length, 'job')} start at the same minute (${time}): ${names.slice(0, NAMED).join(', ')}${more}. Write "${spread}": Jenkins then spreads them over the hour.`;
    });
}
