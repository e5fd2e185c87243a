const units = [
  ['y', 365 * 24 * 3600],
  ['d', 24 * 3600],
  ['h', 3600],
  ['m', 60],
] as const;

/**
 * The largest unit alone, cut off: `23h`, `2d`, `1y`; `<invalid>` for a time that is over, by two seconds at least.
 * Source: apimachinery pkg/util/duration ShortHumanDuration.
 */
export function shortHumanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  for (const [unit, length] of units) if (seconds >= length) return `${Math.trunc(seconds / length)}${unit}`;
  return `${Math.max(0, seconds)}s`;
}
