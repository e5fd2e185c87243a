import { sprint, sprintf, sprintln } from '../format.ts';
import { compareText, type GoValue, goType, isGoList, isGoMap } from '../value.ts';

/** A function of templates. */
export interface TemplateFunction {
  readonly minimum: number;
  /** Defaults to `minimum`. */
  readonly maximum?: number;
  /** Whether the first operand has to be a string. */
  readonly text?: boolean;
  /** @throws Error with Go's message */
  readonly run: (operands: readonly GoValue[]) => GoValue;
}

const any = Number.POSITIVE_INFINITY;

/**
 * The functions of Go's text/template, and `exists` and `base64decode` of kubectl. `and` and `or` are not here because
 * they do not evaluate all operands. Source: text/template/funcs.go, cli-runtime/pkg/printers/template.go.
 */
const functions = {
  base64decode: { minimum: 1, text: true, run: ([text]) => decodeBase64(text as string) },
  eq: { minimum: 1, maximum: any, run: ([value, ...others]) => equalsAny(value, others) },
  exists: { minimum: 1, maximum: any, run: ([value, ...indexes]) => exists(value, indexes) },
  ge: { minimum: 2, run: ([a, b]) => !less(a, b) },
  gt: { minimum: 2, run: ([a, b]) => !less(a, b) && !equalsAny(a, [b]) },
  index: { minimum: 1, maximum: any, run: ([value, ...indexes]) => index(value, indexes) },
  le: { minimum: 2, run: ([a, b]) => less(a, b) || equalsAny(a, [b]) },
  len: { minimum: 1, run: ([value]) => BigInt(length(value)) },
  lt: { minimum: 2, run: ([a, b]) => less(a, b) },
  ne: { minimum: 2, run: ([a, b]) => !equalsAny(a, [b]) },
  not: { minimum: 1, run: ([value]) => !isTrue(value) },
  print: { minimum: 0, maximum: any, run: sprint },
  printf: {
    minimum: 1,
    maximum: any,
    text: true,
    run: ([format, ...values]) => sprintf(format as string, values),
  },
  println: { minimum: 0, maximum: any, run: sprintln },
  slice: { minimum: 1, maximum: any, run: ([value, ...indexes]) => slice(value, indexes) },
} as const satisfies Readonly<Record<string, TemplateFunction>>;

export type FunctionName = keyof typeof functions | 'and' | 'or';

export function isFunction(name: string): name is FunctionName {
  return name === 'and' || name === 'or' || Object.hasOwn(functions, name);
}

/** Returns undefined for `and` and `or`. */
export function templateFunction(name: string): TemplateFunction | undefined {
  return Object.hasOwn(functions, name) ? functions[name as keyof typeof functions] : undefined;
}

/** Whether `if` and `with` take the value as true: it exists, and it is not false, 0 or empty. */
export function isTrue(value: GoValue): boolean {
  if (value === undefined || value === null) return false;
  if (isGoList(value)) return value.length > 0;
  if (isGoMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function decodeBase64(text: string): string {
  const lines = text.replace(/[\r\n]/g, '');
  const at = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(lines)?.[0].length ?? 0;
  if (at < lines.length) throw new Error(`base64 decode failed: illegal base64 data at input byte ${at}`);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(atob(lines), (character) => character.charCodeAt(0)),
  );
}

function equalsAny(value: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => equals(value, other));
}

function isNil(value: GoValue): value is null | undefined {
  return value === null || value === undefined;
}

function equals(a: GoValue, b: GoValue): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  const composite = [isGoList(a) || isGoMap(a), isGoList(b) || isGoMap(b)];
  if (composite[0] !== composite[1] || (!composite[0] && typeof a !== typeof b))
    throw new Error(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
  if (!composite[0]) return a === b;
  if (goType(a) !== goType(b))
    throw new Error(`non-comparable types ${sprint([a])}: ${goType(a)}, ${goType(b)}: ${sprint([b])}`);
  throw new Error(`non-comparable type ${sprint([b])}: ${goType(b)}`);
}

function less(a: GoValue, b: GoValue): boolean {
  for (const value of [a, b]) {
    if (isNil(value) || isGoList(value) || isGoMap(value)) throw new Error('invalid type for comparison');
  }
  if (typeof a !== typeof b)
    throw new Error(`incompatible types for comparison: ${goType(a)} and ${goType(b)}`);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b) < 0;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  throw new Error('invalid type for comparison');
}

function length(value: GoValue): number {
  if (value === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  if (value === null) throw new Error('len of nil pointer');
  if (isGoList(value)) return value.length;
  if (isGoMap(value)) return Object.keys(value).length;
  if (typeof value === 'string') return utf8(value).length;
  throw new Error(`len of type ${goType(value)}`);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function index(value: GoValue, indexes: readonly GoValue[]): GoValue {
  if (isNil(value)) throw new Error('index of untyped nil');
  let item: GoValue = value;
  for (const key of indexes) {
    if (isNil(item)) throw new Error('index of nil pointer');
    if (isGoMap(item)) {
      if (isNil(key)) throw new Error('value is nil; should be of type string');
      if (typeof key !== 'string') throw new Error(`value has type ${goType(key)}; should be string`);
      item = Object.hasOwn(item, key) ? item[key] : null;
    } else if (isGoList(item) || typeof item === 'string') {
      const kind: string = typeof item === 'string' ? 'string' : 'slice';
      const list: Uint8Array | readonly GoValue[] = typeof item === 'string' ? utf8(item) : item;
      const at = indexOf(key, list.length);
      if (at === list.length) throw new Error(`reflect: ${kind} index out of range`);
      item = list instanceof Uint8Array ? BigInt(list[at] ?? 0) : list[at];
    } else throw new Error(`can't index item of type ${goType(item)}`);
  }
  return item;
}

function indexOf(key: GoValue, limit: number): number {
  if (isNil(key)) throw new Error('cannot index slice/array with nil');
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${goType(key)}`);
  if (key < 0n || key > BigInt(limit)) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

function slice(value: GoValue, indexes: readonly GoValue[]): GoValue {
  if (isNil(value)) throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  if (typeof value !== 'string' && !isGoList(value))
    throw new Error(`can't slice item of type ${goType(value)}`);
  if (typeof value === 'string' && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  const items = typeof value === 'string' ? utf8(value) : value;
  const [start = 0, end = items.length, capacity = items.length] = indexes.map((key) =>
    indexOf(key, items.length),
  );
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new Error(`invalid slice index: ${end} > ${capacity}`);
  return items instanceof Uint8Array
    ? new TextDecoder().decode(items.slice(start, end))
    : items.slice(start, end);
}

function exists(value: GoValue, indexes: readonly GoValue[]): boolean {
  try {
    return !isNil(indexes.length === 0 ? value : index(value, indexes));
  } catch {
    return false;
  }
}
