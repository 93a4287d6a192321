import { type MaintenanceSettings } from '../../config/sections.js';
import { UnderstudyError, several } from '../../errors/index.js';
import { wallClock } from '../../report/page/wall-clock.js';
import { frozenBy } from '../report/schedule/next-times.js';
import { compareTrees } from '../tree/site-tree.js';
import { treeDigest } from '../tree/tree-digest.js';
import { assertFormerCode } from './run-promotion.js';
import { type PromotionContext } from './promotion-context.js';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Whether production may be changed at that moment: not on a day of `maintenance.freeze`, and inside
 * `maintenance.window` where there is one. A window whose end is before its start continues after midnight; its day is the
 * one on which it begins.
 * @throws PROMOTION_FROZEN
 */
export function assertMayPromote(settings: Pick<MaintenanceSettings, 'freeze' | 'window'>, now: Date): void {
  const zone = settings.window?.timezone ?? 'UTC';
  const local = wallClock(now, zone);
  const frozen = frozenBy(settings.freeze, local.date);
  if (frozen !== undefined)
    throw new UnderstudyError(
      'PROMOTION_FROZEN',
      `${local.date} is a day on which nothing is promoted (${frozen}).`,
    );
  const { window } = settings;
  if (window === undefined) return;
  const { from, to, days } = window;
  const today = DAYS[local.day] ?? 'sun';
  const yesterday = DAYS[(local.day + 6) % 7] ?? 'sun';
  const open =
    from < to
      ? days.includes(today) && from <= local.time && local.time < to
      : (days.includes(today) && from <= local.time) || (days.includes(yesterday) && local.time < to);
  if (!open)
    throw new UnderstudyError(
      'PROMOTION_FROZEN',
      `It is ${today} ${local.time} (${zone}); production may be changed on ${days.join(', ')} from ${from} to ${to}.`,
    );
}

/** Bytes a second through the route, and files a second that change places; cautious. */
const COPY_RATE = 10e6;
const SWITCH_RATE = 500;
const UPGRADE_SECONDS = 5;
const SECONDS_PER_PAGE = 1;

/** What a promotion would do, with times; reads only. @throws PRODUCTION_CHANGED */
export async function planPromotion(context: PromotionContext): Promise<readonly string[]> {
  const { instances, site, rules, tested, survey, settings, signal } = context;
  const changing = await assertFormerCode(context, instances.trees);
  const hosts = await Promise.all(
    changing.map(async ({ name, host }) => {
      const live = await treeDigest(host, site.production.path, { rules, signal });
      const { added, changed, removed } = compareTrees(live, tested);
      const wanted = new Set([...added, ...changed]);
      const bytes = tested.entries.reduce((sum, one) => sum + (wanted.has(one.path) ? one.bytes : 0), 0);
      return { name, added, changed, removed, bytes, files: wanted.size + removed.length };
    }),
  );
  const files = hosts.reduce((sum, one) => sum + one.files, 0);
  const copy = Math.ceil(Math.max(0, ...hosts.map(({ bytes }) => bytes)) / COPY_RATE) + 2;
  const checks = (settings.checks.paths.length + 2) * instances.all.length * SECONDS_PER_PAGE;
  const change = Math.ceil(files / SWITCH_RATE) + instances.trees.length;
  const page = survey.backupSeconds + change + UPGRADE_SECONDS + checks;
  return [
    `Tested code ${tested.digest.slice(0, 12)}: ${several(tested.files, 'file')}, ${(tested.bytes / 1e6).toFixed(1)} MB`,
    ...hosts.map(
      ({ name, added, changed, removed, bytes }) =>
        `  ${name}: ${String(changed.length)} changed, ${String(added.length)} new, ${String(removed.length)} removed (${(bytes / 1e6).toFixed(1)} MB)`,
    ),
    ...(changing.length < instances.trees.length
      ? [`  ${several(instances.trees.length - changing.length, 'host has', 'hosts have')} it already`]
      : []),
    `1. Copy the code beside the live code and compare digests: about ${String(copy)} s; visitors see nothing of it`,
    `2. Maintenance page on; about ${String(page)} s in all:`,
    `   database backup ${String(survey.backupSeconds)} s, switch ${String(change)} s, database upgrade ${String(UPGRADE_SECONDS)} s, checks ${String(checks)} s`,
    survey.restorable
      ? `   A failure up to here puts code (seconds) and database (about ${String(survey.restoreSeconds)} s) back; nothing but the promotion can write.`
      : '   A failure up to here puts the code back; not the database: its schema has tables of other applications.',
    `3. Page off; page caches${settings.cloudfront === undefined ? '' : ' and CloudFront'} cleared; checks. A failure puts the code back within seconds; the database stays.`,
    ...(settings.instanceRefresh ? ['4. Instance refresh of the Auto Scaling group'] : []),
  ];
}
