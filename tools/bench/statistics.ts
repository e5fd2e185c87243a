/** Medians, spans and ratios of a series. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError for an empty series */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new RangeError('a series without a value');
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? min;
  const high = sorted[Math.floor(half)] ?? max;
  return { median: (low + high) / 2, min, max };
}

/** Seconds in a readable form, such as `85 ms` or `6.20 s`. */
export function formatSeconds(value: number): string {
  return value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`;
}

export function formatMiB(value: number): string {
  return `${value.toFixed(0)} MiB`;
}
