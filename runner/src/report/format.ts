const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `999 B`, `1.2 kB`, `325 MB`: decimal units, three digits. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? 'B'}`;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${two(whole % 60)} s`;
  return `${String(Math.floor(whole / 3600))} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `45,000`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-21 20:15`, in the time zone of the reader; '' for what is no time. */
export function formatTime(time: string | number | Date): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `just now`, `12 minutes`, `5 hours`, `3 days`. */
export function formatAge(seconds: number): string {
  const count = (number: number, unit: string): string =>
    `${String(number)} ${unit}${number === 1 ? '' : 's'}`;
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return count(Math.floor(seconds / 60), 'minute');
  if (seconds < 2 * 86_400) return count(Math.floor(seconds / 3600), 'hour');
  return count(Math.floor(seconds / 86_400), 'day');
}
