/** Numbers and times as the page writes them. */

/** A metric's value with its unit; shares (unit `%`) are stored as 0..1. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  if (unit === '%') return `${(value * 100).toFixed(1)}%`;
  const text = formatNumber(value);
  return unit === '' ? text : `${text} ${unit}`;
}

/** A metric's value beside a tick, in the unit of its chart's title. */
export const formatTick = (value: number, unit: string): string =>
  unit === '%' ? `${Math.round(value * 100)}` : formatNumber(value);

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Three significant digits, without exponents for everyday sizes. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000) return whole.format(value);
  if (size < 0.001) return value.toExponential(1).replace('.0e', 'e');
  return significant.format(value);
}

/** Seconds as "45 s", "3 min 20 s" or "1 h 12 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A moment seen from `now`, both in milliseconds: "3 minutes ago". */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.round((time - now) / 1000);
  if (seconds > -45) return 'just now';
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

/** Bytes as "512 B", "1.2 MB" or "3.1 GB", in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; bytes >= 999.5 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${unit === 0 ? bytes : significant.format(bytes)} ${units[unit]}`;
}
