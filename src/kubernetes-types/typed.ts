/**
 * The form of an object after Go has read it into its type and written it again. Unknown fields and empty optional fields
 * are gone, required fields exist, and quantities are canonical.
 */
import { get, isList, isObject, type JsonObject, kindOf, set } from '../lib/json-value.ts';
import { canonicalQuantity } from '../lib/quantity.ts';
import {
  type FieldSchema,
  type KnownKind,
  type StructTable,
  structFields,
  type TypeName,
  typeOfKind,
} from './schema.ts';

/** The error for a value that does not fit its field. `path` names the field. */
export class TypedValueError extends Error {
  override readonly name: string = 'TypedValueError';
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.path = path;
  }
}

/** Returns `object` as a client with these types writes it. Throws `TypedValueError`. */
export function typedForm(kind: KnownKind, object: object, types: StructTable): JsonObject {
  const fields = structFields(types, typeOfKind(kind)) ?? [];
  return struct(fields, object, { types, path: '' }).value as JsonObject;
}

/** The path of a value and its type. */
interface Site {
  readonly types: StructTable;
  readonly path: string;
}

interface Written {
  readonly value: unknown;
  /** Whether Go's omitempty treats the value as empty. */
  readonly empty: boolean;
  readonly zero: boolean;
}

const scalar = (value: unknown, zero: boolean): Written => ({ value, empty: zero, zero });

function write(type: TypeName, value: unknown, site: Site): Written {
  if (type.startsWith('*')) {
    if (value === null || value === undefined) return scalar(null, true);
    return { value: write(type.slice(1), value, site).value, empty: false, zero: false };
  }
  if (type.startsWith('[]')) return list(type.slice(2), value, site);
  if (type.startsWith('map ')) return map(type.slice(4), value, site);
  const fields = structFields(site.types, type);
  if (fields !== undefined) return struct(fields, value ?? {}, site);
  const writer = scalars[type];
  if (writer === undefined) throw new TypedValueError(site.path, `unknown type ${type}`);
  return writer(value, site.path);
}

function struct(fields: readonly FieldSchema[], value: unknown, site: Site): Written {
  const { path } = site;
  if (!isObject(value)) throw mismatch(path, 'an object', value);
  const written: JsonObject = {};
  let zero = true;
  for (const { name, type, omit } of fields) {
    const field = write(type, get(value, name), {
      ...site,
      path: path === '' ? name : `${path}.${name}`,
    });
    zero &&= field.zero;
    if ((omit === 'empty' && field.empty) || (omit === 'zero' && field.zero)) continue;
    set(written, name, field.value);
  }
  return { value: written, empty: false, zero };
}

function list(type: TypeName, value: unknown, site: Site): Written {
  const { path } = site;
  if (value === null || value === undefined) return scalar(null, true);
  if (!isList(value)) throw mismatch(path, 'a list', value);
  const elements = value.map(
    (element, index) => write(type, element, { ...site, path: `${path}[${index}]` }).value,
  );
  return { value: elements, empty: elements.length === 0, zero: false };
}

function map(type: TypeName, value: unknown, site: Site): Written {
  const { path } = site;
  if (value === null || value === undefined) return scalar(null, true);
  if (!isObject(value)) throw mismatch(path, 'an object', value);
  const entries: JsonObject = {};
  for (const [key, each] of Object.entries(value))
    set(entries, key, write(type, each, { ...site, path: `${path}.${key}` }).value);
  return { value: entries, empty: Object.keys(entries).length === 0, zero: false };
}

const scalars: Readonly<Record<string, (value: unknown, path: string) => Written>> = {
  string: text,
  bytes: text,
  duration: (value, path) => ({ ...text(value ?? '0s', path), empty: false }),
  bool: (value, path) => {
    if (value === null || value === undefined) return scalar(false, true);
    if (typeof value !== 'boolean') throw mismatch(path, 'true or false', value);
    return scalar(value, !value);
  },
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  uint32: integer(0, 2 ** 32 - 1),
  int64: integer(-(1n << 63n), (1n << 63n) - 1n),
  float: (value, path) => {
    if (value === null || value === undefined) return scalar(0, true);
    if (typeof value !== 'number' && typeof value !== 'bigint') throw mismatch(path, 'a number', value);
    if (!Number.isFinite(Number(value))) throw new TypedValueError(path, 'must be a finite number');
    return scalar(Number(value), Number(value) === 0);
  },
  quantity: (value, path) => {
    if (value === null || value === undefined) return { value: '0', empty: false, zero: true };
    if (kindOf(value) !== 'string' && kindOf(value) !== 'number') throw mismatch(path, 'a quantity', value);
    const canonical = canonicalQuantity(String(value));
    if (canonical === undefined) throw new TypedValueError(path, `"${String(value)}" is not a quantity`);
    return { value: canonical, empty: false, zero: false };
  },
  intOrString: (value, path) => {
    if (value === null || value === undefined) return { value: 0, empty: false, zero: true };
    if (typeof value === 'string') return { value, empty: false, zero: false };
    return { ...integer(-(2 ** 31), 2 ** 31 - 1)(value, path), empty: false };
  },
  time: (value, path) => {
    if (value === null || value === undefined) return { value: null, empty: false, zero: true };
    if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw mismatch(path, 'a time', value);
    return { value, empty: false, zero: false };
  },
  raw: (value) => ({ value: value ?? null, empty: false, zero: value === null || value === undefined }),
};

function text(value: unknown, path: string): Written {
  if (value === null || value === undefined) return scalar('', true);
  if (typeof value !== 'string') throw mismatch(path, 'text', value);
  return scalar(value, value === '');
}

function integer(least: number | bigint, most: number | bigint): (value: unknown, path: string) => Written {
  return (value, path) => {
    if (value === null || value === undefined) return scalar(0, true);
    if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) {
      throw mismatch(path, 'a whole number', value);
    }
    if (value < least || value > most) {
      throw new TypedValueError(path, `must be from ${least} to ${most}, and is ${value}`);
    }
    return scalar(value, value === 0);
  };
}

function mismatch(path: string, wanted: string, value: unknown): TypedValueError {
  const where = path === '' ? 'the object' : path;
  return new TypedValueError(where, `must be ${wanted}, not ${kindOf(value)}`);
}
