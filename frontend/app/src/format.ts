const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** UNKNOWN replaces a number that is not known yet. */
export const UNKNOWN = '–';

function threeDigits(value: number): string {
  if (value < 9.995) {
    return value.toFixed(2);
  }
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/** formatBytes formats an amount in binary units with three significant digits: `1.50 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) {
    return UNKNOWN;
  }
  const whole = Math.round(bytes);
  if (whole < 1024) {
    return whole === 1 ? '1 byte' : `${whole} bytes`;
  }
  let value = bytes;
  let unit = 0;
  // 1023.5 would round to 1024, which is 1 of the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${threeDigits(value)} ${UNITS[unit]}`;
}

/** formatRate formats bytes per second. null is a rate that is not known yet. */
export function formatRate(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) {
    return UNKNOWN;
  }
  const amount = formatBytes(bytesPerSecond);
  return amount === UNKNOWN ? UNKNOWN : `${amount}/s`;
}

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** formatCount formats a whole number with thousands separators: `12,345`. */
export function formatCount(count: number): string {
  return Number.isFinite(count) && count >= 0 ? COUNT.format(count) : UNKNOWN;
}

/** formatFrames formats frames per second, with a decimal below 10. */
export function formatFrames(rate: number): string {
  if (!Number.isFinite(rate) || rate < 0) {
    return UNKNOWN;
  }
  return `${rate > 0.05 && rate < 9.95 ? rate.toFixed(1) : rate.toFixed(0)}/s`;
}

/** formatDuration formats a measured time, with about three significant digits. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) {
    return UNKNOWN;
  }
  if (seconds < 0.0005) {
    return 'under 1 ms';
  }
  if (seconds < 0.9995) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 9.995) {
    return `${seconds.toFixed(2)} s`;
  }
  if (seconds < 59.95) {
    return `${seconds.toFixed(1)} s`;
  }
  return clock(Math.round(seconds));
}

/**
 * formatTimeLeft formats an estimate in whole seconds. null is an estimate that is not known yet.
 */
export function formatTimeLeft(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) {
    return UNKNOWN;
  }
  return seconds < 1 ? 'under 1 s' : clock(Math.round(seconds));
}

/** formatPercent formats the share that is done, 0 to 100. It is 100 only at the end. */
export function formatPercent(done: number, total: number): string {
  return `${percent(done, total)} %`;
}

/** percent returns the share that is done as a whole number. An empty total is done. */
export function percent(done: number, total: number): number {
  if (total <= 0) {
    return 100;
  }
  const share = Math.floor((done / total) * 100);
  return Number.isNaN(share) ? 0 : Math.min(100, Math.max(0, share));
}

/** baseName returns the last part of a path of any platform. */
export function baseName(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '');
  return parts.at(-1) ?? path;
}

function clock(whole: number): string {
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return `${minutes} min ${whole % 60} s`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return `${hours} h ${minutes % 60} min`;
  }
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
