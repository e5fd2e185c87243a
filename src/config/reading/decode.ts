import { isRecord } from '../../lib/is-record.ts';
import { distance } from '../../lib/suggest.ts';
import { readScalar, zeroOf } from './read-scalar.ts';
import { holdsSecret } from './secret-fields.ts';
import type { Decoded, Shape } from './shape.ts';

/** A problem of one value. `path` is a text such as `apiServer.extraArgs[0].name`. */
export interface DecodeProblem {
  readonly kind: 'unknown-field' | 'wrong-type';
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

export interface DecodeResult<T> {
  /** The fields of the shape, without null and missing values. */
  readonly value: T;
  readonly problems: readonly DecodeProblem[];
}

/** Returns the text of the value at a path, without quotes. Returns undefined if it is not known. */
export type SourceOf = (path: readonly (string | number)[]) => string | undefined;

/**
 * Reads JSON data by a shape. It reports unknown fields and wrong types with their paths, and leaves them out of the value.
 * Names are case-sensitive. Null means that the field is not set, as in Go.
 */
export function decode<S extends Shape>(
  shape: S,
  data: unknown,
  sourceOf?: SourceOf,
): DecodeResult<Decoded<S>> {
  const { value, problems } = decodeData(shape, data, sourceOf);
  return { value: value as Decoded<S>, problems };
}

/** Reads data as `decode` does, for shapes that are only known at run time. */
export function decodeData(
  shape: Shape,
  data: unknown,
  sourceOf: SourceOf = () => undefined,
): DecodeResult<unknown> {
  const problems: DecodeProblem[] = [];
  const value =
    read(shape, data, { root: shape, path: [], problems, sourceOf }) ??
    (shape.kind === 'object' ? {} : undefined);
  return { value, problems };
}

interface Reading {
  /** The shape of the whole document. */
  readonly root: Shape;
  /** The path of the value that is read. */
  readonly path: readonly (string | number)[];
  readonly problems: DecodeProblem[];
  readonly sourceOf: SourceOf;
}

function inside(reading: Reading, step: string | number): Reading {
  return { ...reading, path: [...reading.path, step] };
}

function read(shape: Shape, data: unknown, reading: Reading): unknown {
  const { path } = reading;
  const wrong = (expected: string): undefined => {
    const message = mismatch(shape, data, { expected, source: reading.sourceOf(path) });
    reading.problems.push({ kind: 'wrong-type', path, message });
    return undefined;
  };
  if (data === null && shape.kind === 'durationText' && shape.notNull)
    return wrong('a duration such as 4m0s');
  if (data === null || data === undefined) return undefined;
  switch (shape.kind) {
    case 'list':
      if (!Array.isArray(data)) return wrong(isRecord(data) && isPair(shape.of) ? pairs : 'a list');
      return data.flatMap((item, index) => {
        const value = read(shape.of, item, inside(reading, index));
        return value === undefined && item === null ? [zeroOf(shape.of)] : value === undefined ? [] : [value];
      });
    case 'map':
      if (!isRecord(data)) return wrong('a map');
      return Object.fromEntries(
        Object.entries(data).map(([key, item]) => [
          key,
          read(shape.of, item, inside(reading, key)) ?? zeroOf(shape.of),
        ]),
      );
    case 'object':
      if (!isRecord(data)) return wrong('a map with fields');
      return readObject(shape.fields, data, reading);
    default:
      return readScalar(shape, data, wrong);
  }
}

/** The expected form of `extraArgs` in v1beta4. In v1beta3 it is a map. */
const pairs =
  'a list such as [{name: v, value: "4"}] (v1beta3 had a map; \'kubeadm config migrate\' rewrites it)';

function isPair(shape: Shape): boolean {
  return shape.kind === 'object' && Object.keys(shape.fields).sort().join() === 'name,value';
}

function readObject(
  fields: Readonly<Record<string, Shape>>,
  data: Readonly<Record<string, unknown>>,
  reading: Reading,
): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(data)) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      const meant = closest(key, Object.keys(fields)) ?? elsewhere(key, reading.root);
      reading.problems.push({
        kind: 'unknown-field',
        path: inside(reading, key).path,
        message: `unknown field "${key}"`,
        ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
      });
      continue;
    }
    const value = read(field, item, inside(reading, key));
    if (value !== undefined) result[key] = value;
  }
  return result;
}

interface Mismatch {
  readonly expected: string;
  readonly source: string | undefined;
}

/** Describes the value. It names only the type if the value can be a secret. */
function mismatch(shape: Shape, data: unknown, { expected, source }: Mismatch): string {
  if (holdsSecret(shape)) {
    const inQuotes = shape.kind === 'string' ? ', in quotes' : '';
    return `this is ${typeOf(data)}, and must be ${expected}${inQuotes}`;
  }
  const isPlain = shape.kind === 'string' && typeof data !== 'object';
  if (!isPlain) return `this is ${nameOf(data, source)}, and must be ${expected}`;
  const inQuotes = `${JSON.stringify(source ?? String(data))}, with quotes`;
  const advice = `: write ${shape.forms ?? inQuotes}`;
  return `this is ${nameOf(data, source)}, and must be ${expected}${advice}`;
}

function nameOf(data: unknown, source: string | undefined): string {
  if (typeof data === 'string') {
    return `the text ${JSON.stringify(data.length > 60 ? `${data.slice(0, 60)}…` : data)}`;
  }
  if (typeof data === 'boolean') return `the truth value ${source ?? data}`;
  return typeof data === 'number' || typeof data === 'bigint' ? `the number ${source ?? data}` : typeOf(data);
}

function typeOf(data: unknown): string {
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a map';
  if (typeof data === 'string') return 'text';
  return typeof data === 'boolean' ? 'a truth value' : 'a number';
}

/** Returns the most similar name: one that differs only in case, or by at most two edits and a third of the name. */
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

/** Returns the path of the field with that name in another part of the document, if there is exactly one. */
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
