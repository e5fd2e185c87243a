import { messageOf } from '../../errors.ts';
import { parseDuration } from '../../lib/go/duration.ts';
import { isRecord } from '../../lib/is-record.ts';
import { canonicalQuantity } from '../../lib/quantity.ts';
import { distance } from '../../lib/suggest.ts';
import type { Decoded, Shape } from './shape.ts';

/** What is wrong with one value; `path` as in `apiServer.extraArgs[0].name`. */
export interface DecodeProblem {
  readonly kind: 'unknown-field' | 'wrong-type';
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

export interface DecodeResult<T> {
  /** Only what the shape has. Null and missing values are left out. */
  readonly value: T;
  readonly problems: readonly DecodeProblem[];
}

/**
 * Reads JSON data by a shape. Unknown fields and wrong types are reported with their paths, and left out.
 * Names are case-sensitive. Null stands for "not given", as in Go.
 */
export function decode<S extends Shape>(shape: S, data: unknown): DecodeResult<Decoded<S>> {
  const { value, problems } = decodeData(shape, data);
  return { value: value as Decoded<S>, problems };
}

/** As `decode`, for shapes that are known at run time only. */
export function decodeData(shape: Shape, data: unknown): DecodeResult<unknown> {
  const problems: DecodeProblem[] = [];
  const value =
    read(shape, data, [], { root: shape, problems }) ?? (shape.kind === 'object' ? {} : undefined);
  return { value, problems };
}

interface Reading {
  /** The whole document's shape. */
  readonly root: Shape;
  readonly problems: DecodeProblem[];
}

function read(shape: Shape, data: unknown, path: readonly (string | number)[], reading: Reading): unknown {
  const wrong = (expected: string): undefined => {
    reading.problems.push({
      kind: 'wrong-type',
      path,
      message: `this is ${isSecret(path) ? typeOf(data) : nameOf(data)}, and must be ${expected}`,
    });
    return undefined;
  };
  if (data === null && shape.kind === 'duration' && shape.notNull) return wrong('a duration such as 4m0s');
  if (data === null || data === undefined) return undefined;
  switch (shape.kind) {
    case 'string':
      return typeof data === 'string' ? data : wrong(isSecret(path) ? 'text, in quotes' : stringHint(data));
    case 'bool':
      return typeof data === 'boolean' ? data : wrong('true or false');
    case 'int':
      return readInteger(data, ranges[shape.type], wrong);
    case 'time':
      return readTime(data, wrong);
    case 'float':
      return typeof data === 'number' ? data : wrong('a number');
    case 'quantity':
      return readQuantity(data) ?? wrong('a quantity such as 64Mi');
    case 'duration':
      return readDuration(data, wrong);
    case 'timeOrDuration':
      if (typeof data === 'number') return data;
      return typeof data === 'string' && readDuration(data, wrong) !== undefined ? data : undefined;
    case 'list':
      if (!Array.isArray(data)) return wrong(isRecord(data) && isPair(shape.of) ? pairs : 'a list');
      return data.flatMap((item, index) => {
        const value = read(shape.of, item, [...path, index], reading);
        return value === undefined && item === null
          ? [emptyOf(shape.of)]
          : value === undefined
            ? []
            : [value];
      });
    case 'map':
      if (!isRecord(data)) return wrong('a map');
      return Object.fromEntries(
        Object.entries(data).map(([key, item]) => [
          key,
          read(shape.of, item, [...path, key], reading) ?? emptyOf(shape.of),
        ]),
      );
    case 'object':
      if (!isRecord(data)) return wrong('a map with fields');
      return readObject(shape.fields, data, path, reading);
  }
}

/** What `extraArgs` of v1beta4 holds; in v1beta3 it was a map. */
const pairs =
  'a list such as [{name: v, value: "4"}] (v1beta3 had a map; \'kubeadm config migrate\' rewrites it)';

function isPair(shape: Shape): boolean {
  return shape.kind === 'object' && Object.keys(shape.fields).sort().join() === 'name,value';
}

function readObject(
  fields: Readonly<Record<string, Shape>>,
  data: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  { root, problems }: Reading,
): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(data)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      const meant = closest(key, Object.keys(fields)) ?? elsewhere(key, root);
      problems.push({
        kind: 'unknown-field',
        path: [...path, key],
        message: `unknown field "${key}"`,
        ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
      });
      continue;
    }
    const value = read(field, item, [...path, key], { root, problems });
    if (value !== undefined) result[key] = value;
  }
  return result;
}

const ranges = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 63), 2 ** 63],
} as const;

function readInteger(
  data: unknown,
  [least, most]: readonly [number, number],
  wrong: (expected: string) => undefined,
): number | undefined {
  if (typeof data !== 'number' || !Number.isInteger(data)) return wrong('a whole number');
  return data >= least && data <= most ? data : wrong(`a whole number from ${least} to ${most}`);
}

/** As metav1.Time reads and writes it. */
function readTime(data: unknown, wrong: (expected: string) => undefined): string | undefined {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[-+]\d\d:\d\d)$/;
  const instant =
    typeof data === 'string' && form.test(data) ? Date.parse(data.replace(',', '.')) : Number.NaN;
  if (Number.isNaN(instant)) return wrong('a time such as 2030-01-02T03:04:05Z');
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

function readDuration(data: unknown, wrong: (expected: string) => undefined): number | undefined {
  if (typeof data !== 'string') return wrong('a duration such as 4m0s');
  try {
    return parseDuration(data);
  } catch (error) {
    return wrong(`a duration such as 4m0s: ${messageOf(error)}`);
  }
}

function emptyOf(shape: Shape): unknown {
  if (shape.kind === 'string') return '';
  if (shape.kind === 'quantity') return '0';
  if (shape.kind === 'bool') return false;
  if (shape.kind === 'object') return {};
  return shape.kind === 'list' || shape.kind === 'map' ? null : 0;
}

/** The text that Go would write for it. */
function readQuantity(data: unknown): string | undefined {
  if (typeof data === 'string') return canonicalQuantity(data);
  return typeof data === 'number' || typeof data === 'bigint' ? canonicalQuantity(String(data)) : undefined;
}

function stringHint(data: unknown): string {
  return typeof data === 'object' ? 'text' : `text: write ${JSON.stringify(String(data))}, with quotes`;
}

/** Fields whose values are never shown: a token is easily written in the place of its list or map. */
const secrets = [
  'token',
  'tlsBootstrapToken',
  'certificateKey',
  'bootstrapTokens',
  'bootstrapToken',
  'discovery',
];

function isSecret(path: readonly (string | number)[]): boolean {
  return secrets.includes(String(path.findLast((step) => typeof step === 'string')));
}

function nameOf(data: unknown): string {
  if (typeof data === 'string') {
    return `the text ${JSON.stringify(data.length > 60 ? `${data.slice(0, 60)}…` : data)}`;
  }
  if (typeof data === 'boolean') return `the truth value ${data}`;
  return typeof data === 'number' ? `the number ${data}` : typeOf(data);
}

function typeOf(data: unknown): string {
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a map';
  if (typeof data === 'string') return 'text';
  return typeof data === 'boolean' ? 'a truth value' : 'a number';
}

/** The name that was probably meant: the same but for case, or at most two edits (a third of the name) away. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const same = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (same !== undefined) return same;
  const limit = Math.min(3, Math.floor(name.length / 3));
  const [best] = names
    .map((known) => ({ known, edits: distance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits);
  return best?.known;
}

/** The path of the one field of that name in another part of the document. */
function elsewhere(name: string, root: Shape): string | undefined {
  const found = pathsOf(name, root);
  return found.length === 1 ? found[0] : undefined;
}

function pathsOf(name: string, shape: Shape): readonly string[] {
  if (shape.kind !== 'object') return [];
  return Object.entries(shape.fields).flatMap(([field, inner]) => [
    ...(field === name ? [field] : []),
    ...pathsOf(name, inner).map((path) => `${field}.${path}`),
  ]);
}
