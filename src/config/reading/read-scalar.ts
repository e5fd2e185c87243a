/** Reads single values of a configuration by their shapes, as Go reads them into its types. */
import { messageOf } from '../../errors.ts';
import { normalDuration, parseDuration } from '../../lib/go/duration.ts';
import { parseTime } from '../../lib/go/time.ts';
import { canonicalQuantity } from '../../lib/quantity.ts';
import type { ObjectShape, Shape } from './shape.ts';

export type ScalarShape = Exclude<Shape, ObjectShape | { readonly kind: 'list' | 'map' }>;

/** Reports that the value does not have the expected form. */
type Wrong = (expected: string) => undefined;

const aDuration = 'a duration such as 4m0s';

/** Reads a value that is not null. @param wrong called with the expected form if the value does not have it */
export function readScalar(shape: ScalarShape, data: unknown, wrong: Wrong): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof data === 'string' ? data : wrong('text');
    case 'bool':
      return typeof data === 'boolean' ? data : wrong('true or false');
    case 'int':
      return readInteger(data, ranges[shape.type], wrong);
    case 'float':
      return readFloat(data, shape.type, wrong);
    case 'time':
      return readTime(data, wrong);
    case 'quantity':
      return readQuantity(data, wrong);
    case 'duration':
      return readDuration(data, parseDuration, wrong);
    case 'durationText':
      return readDuration(data, normalDuration, wrong);
    case 'timeOrDuration':
      return typeof data === 'string'
        ? readDuration(data, normalDuration, wrong)
        : readInteger(data, ranges.int64, (expected) => wrong(`${aDuration}, or nanoseconds: ${expected}`));
  }
}

/** Returns Go's zero value of a shape, which a null in a list or map means. */
export function zeroOf(shape: Shape): unknown {
  switch (shape.kind) {
    case 'string':
      return '';
    case 'quantity':
      return '0';
    case 'bool':
      return false;
    case 'object':
      return {};
    case 'list':
    case 'map':
      return null;
    default:
      return 0;
  }
}

const ranges = {
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
} as const;

/** Returns a `bigint` only if a `number` is not exact. */
function readInteger(
  data: unknown,
  [least, most]: readonly [bigint, bigint],
  wrong: Wrong,
): number | bigint | undefined {
  if (typeof data !== 'bigint' && (typeof data !== 'number' || !Number.isInteger(data))) {
    return wrong('a whole number');
  }
  // Go converts a float to its shortest decimal text. From 1e21 on that text is not an integer.
  const value = typeof data === 'bigint' || Math.abs(data) >= 1e21 ? BigInt(data) : BigInt(String(data));
  if (value < least || value > most) return wrong(`a whole number from ${least} to ${most}`);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function readFloat(data: unknown, type: 'float32' | 'float64', wrong: Wrong): number | undefined {
  if (typeof data !== 'number' && typeof data !== 'bigint') return wrong('a number');
  const value = type === 'float32' ? nearestFloat32(Number(data)) : Number(data);
  return Number.isFinite(value) ? value : wrong(`a number in the range of a ${type}`);
}

/** Returns the shortest decimal number with the same float32 value, which Go prints. */
function nearestFloat32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return single;
}

/** Reads a time as metav1.Time does. */
function readTime(data: unknown, wrong: Wrong): string | undefined {
  const instant = typeof data === 'string' ? parseTime(data) : undefined;
  return instant === undefined
    ? wrong('a time such as 2030-01-02T03:04:05Z')
    : `${instant.toISOString().slice(0, 19)}Z`;
}

function readQuantity(data: unknown, wrong: Wrong): string | undefined {
  const isText = typeof data === 'string' || typeof data === 'number' || typeof data === 'bigint';
  return (
    (isText ? canonicalQuantity(String(data)) : undefined) ?? wrong('a quantity such as 64Mi, 1.5Gi or 500m')
  );
}

function readDuration<T>(data: unknown, parse: (text: string) => T, wrong: Wrong): T | undefined {
  if (typeof data !== 'string') return wrong(aDuration);
  try {
    return parse(data);
  } catch (error) {
    return wrong(`${aDuration}: ${messageOf(error)}`);
  }
}
