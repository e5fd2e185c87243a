/**
 * Shapes describe the fields of a kind of the configuration API as plain data. A shape defines the TypeScript type, the
 * checks for unknown fields and wrong types, and the secret fields.
 */

export type Shape =
  | { readonly kind: 'bool' }
  /**
   * If `secret` is set, the value must not be shown or logged, or stored in a file that others can read. `forms` describes
   * the values to write instead of a number, if a number in quotes is not a valid value either.
   */
  | { readonly kind: 'string'; readonly secret?: true; readonly forms?: string }
  /** A number that fits Go's type. */
  | { readonly kind: 'float'; readonly type: 'float32' | 'float64' }
  | { readonly kind: 'duration' }
  /** A duration that stays a text, in Go's normal form. If `notNull` is set, null is refused; else null means not set. */
  | { readonly kind: 'durationText'; readonly notNull?: true }
  /** A whole number that fits Go's type. */
  | { readonly kind: 'int'; readonly type: 'int32' | 'int64' | 'uint32' }
  /** RFC 3339. The decoded value is in UTC with whole seconds. */
  | { readonly kind: 'time' }
  /** A Kubernetes quantity, as a text or number. The decoded value is a text in canonical form. */
  | { readonly kind: 'quantity' }
  /** A whole number of nanoseconds, or a duration, whose decoded value is a text in Go's normal form. */
  | { readonly kind: 'timeOrDuration' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | ObjectShape;

export interface ObjectShape<F extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>> {
  readonly kind: 'object';
  readonly fields: F;
}

export const string = { kind: 'string' } as const;
/** A secret text, such as a token. */
export const secret = { kind: 'string', secret: true } as const;
export const bool = { kind: 'bool' } as const;
export const int32 = { kind: 'int', type: 'int32' } as const;
export const int64 = { kind: 'int', type: 'int64' } as const;
export const quantity = { kind: 'quantity' } as const;
/** A text such as `2030-01-02T03:04:05Z`. */
export const time = { kind: 'time' } as const;
/** A text such as `4m0s`. The decoded value is in milliseconds. */
export const duration = { kind: 'duration' } as const;

export function list<const T extends Shape>(of: T): { readonly kind: 'list'; readonly of: T } {
  return { kind: 'list', of };
}

export function map<const T extends Shape>(of: T): { readonly kind: 'map'; readonly of: T } {
  return { kind: 'map', of };
}

export function object<const F extends Readonly<Record<string, Shape>>>(fields: F): ObjectShape<F> {
  return { kind: 'object', fields };
}

/**
 * The type of a decoded value. Every field can be missing. An int64 is a `bigint` only if a `number` is not exact.
 */
export type Decoded<S> = S extends { readonly kind: 'string' | 'quantity' | 'time' | 'durationText' }
  ? string
  : S extends { readonly kind: 'bool' }
    ? boolean
    : S extends { readonly kind: 'int'; readonly type: 'int64' }
      ? number | bigint
      : S extends { readonly kind: 'int' | 'float' | 'duration' }
        ? number
        : S extends { readonly kind: 'timeOrDuration' }
          ? string | number | bigint
          : S extends { readonly kind: 'list'; readonly of: infer T }
            ? readonly Decoded<T>[]
            : S extends { readonly kind: 'map'; readonly of: infer T }
              ? Readonly<Record<string, Decoded<T>>>
              : S extends { readonly kind: 'object'; readonly fields: infer F }
                ? { readonly [K in keyof F]?: Decoded<F[K]> }
                : unknown;
