/** Shapes for decoding component configurations, and their printed form with zero fields, both from Go types. */
import { normalDuration } from '../../lib/go/duration.ts';
import { isRecord } from '../../lib/is-record.ts';
import type { ComponentTypes, GoField } from '../../releases/release.ts';
import { list, map, object, type Shape, secret, string, time } from '../reading/shape.ts';

export type ComponentKind = 'KubeletConfiguration' | 'KubeProxyConfiguration';

type Data = Readonly<Record<string, unknown>>;

/** Types with a scalar form, with their shapes and zero values. */
const scalars: Readonly<Record<string, { readonly shape: Shape; readonly zero: unknown }>> = {
  string: { shape: string, zero: '' },
  bool: { shape: { kind: 'bool' }, zero: false },
  int32: { shape: { kind: 'int', type: 'int32' }, zero: 0 },
  int64: { shape: { kind: 'int', type: 'int64' }, zero: 0 },
  uint32: { shape: { kind: 'int', type: 'uint32' }, zero: 0 },
  float32: { shape: { kind: 'float', type: 'float32' }, zero: 0 },
  float64: { shape: { kind: 'float', type: 'float64' }, zero: 0 },
  'metav1.Duration': { shape: { kind: 'durationText', notNull: true }, zero: '0s' },
  'logsapi.TimeOrMetaDuration': { shape: { kind: 'timeOrDuration' }, zero: 0 },
  'resource.QuantityValue': { shape: { kind: 'quantity' }, zero: '0' },
  'v1.Taint': {
    shape: object({ key: string, value: string, effect: string, timeAdded: time }),
    zero: { key: '', effect: '' },
  },
  'v1.ResourceList': { shape: map({ kind: 'quantity' }), zero: null },
};

/** Types that are printed in spite of `omitempty`, because Go never omits a struct. */
const structLike = new Set(['metav1.Duration', 'logsapi.TimeOrMetaDuration', 'resource.QuantityValue']);

/** Fields with secrets. Each maps names of request headers to lists of values. */
const secretFields = new Set(['staticPodURLHeader']);

/** Returns the shape of a kind's documents, from the types of a release. */
export function shapeOf(kind: ComponentKind, types: ComponentTypes): Shape {
  return shapeOfType(kind, types);
}

function shapeOfType(type: string, types: ComponentTypes): Shape {
  if (type === '*metav1.Duration') return { kind: 'durationText' };
  if (type.startsWith('*')) return shapeOfType(type.slice(1), types);
  if (type.startsWith('[]')) return list(shapeOfType(type.slice(2), types));
  if (type.startsWith('map[string]')) return map(shapeOfType(type.slice('map[string]'.length), types));
  const scalar = scalars[type];
  if (scalar !== undefined) return scalar.shape;
  return object(
    Object.fromEntries(
      fieldsOf(type, types).map(([name, fieldType]) => [
        name,
        secretFields.has(name) ? map(list(secret)) : shapeOfType(fieldType, types),
      ]),
    ),
  );
}

function fieldsOf(type: string, types: ComponentTypes): readonly GoField[] {
  const fields = types[type];
  if (fields === undefined) throw new Error(`no Go type ${type} in the generated table`);
  return fields.flatMap((field) => {
    if (field[0] !== '') return [field];
    if (field[1] !== 'metav1.TypeMeta') return fieldsOf(field[1], types);
    return [['apiVersion', 'string', true] as const, ['kind', 'string', true] as const];
  });
}

/** Returns the data as Go prints the struct: with zero fields that are not `omitempty`, and durations in normal form. */
export function complete(kind: ComponentKind, data: Data, types: ComponentTypes): Data {
  return completeStruct(kind, data, types);
}

function completeStruct(type: string, data: Data, types: ComponentTypes): Data {
  const entries = fieldsOf(type, types).flatMap(([name, fieldType, omitEmpty]): [string, unknown][] => {
    const value = completeValue(fieldType, data[name], types);
    return omitEmpty && isEmpty(fieldType, value) ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

function completeValue(type: string, value: unknown, types: ComponentTypes): unknown {
  const given = value !== undefined && value !== null;
  if (type.startsWith('*')) return given ? completeValue(type.slice(1), value, types) : null;
  if (type.startsWith('[]')) {
    return Array.isArray(value)
      ? value.map((item: unknown) => completeValue(type.slice(2), item, types))
      : null;
  }
  if (type.startsWith('map[')) return given ? value : null;
  if (type === 'metav1.Duration') return given ? normalDuration(String(value)) : '0s';
  const scalar = scalars[type];
  if (type === 'v1.Taint' && isRecord(value)) return completeTaint(value);
  if (scalar !== undefined) return given ? value : scalar.zero;
  return completeStruct(type, isRecord(value) ? value : {}, types);
}

function completeTaint({ value, ...taint }: Data): Data {
  return { key: '', effect: '', ...taint, ...(value ? { value } : {}) };
}

function isEmpty(type: string, value: unknown): boolean {
  if (value === null) return true;
  if (type.startsWith('*') || structLike.has(type)) return false;
  if (Array.isArray(value)) return value.length === 0;
  if (type.startsWith('map[')) return isRecord(value) && Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}
