import { type MaintenanceSettings } from '../../config/sections.js';
import { UnderstudyError } from '../../errors/index.js';
import { wallClock } from '../../report/page/wall-clock.js';
import { frozenBy } from '../report/schedule/next-times.js';

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
