const units = [
  ['y', 365 * 24 * 3600],
  ['d', 24 * 3600],
  ['h', 3600],
  ['m', 60],
] as const;

/**
 * Returns only the largest unit, rounded down: `23h`, `2d`, `1y`. A duration of -2 seconds or less is `<invalid>`.
 * Source: apimachinery pkg/util/duration ShortHumanDuration.
 */
export function shortHumanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  for (const [unit, length] of units) if (seconds >= length) return `${Math.trunc(seconds / length)}${unit}`;
  return `${Math.max(0, seconds)}s`;
}
