/**
 * Shapes: the fields of a kind of the configuration API, as plain values. From one shape come the types, the check
 * for unknown fields and wrong types, and which fields are secrets.
 */

export type Shape =
  | { readonly kind: 'bool' }
  /** `secret`: the value must not be shown, logged or stored where others can read it. */
  | { readonly kind: 'string'; readonly secret?: true }
  /** A number that fits Go's type. */
  | { readonly kind: 'float'; readonly type: 'float32' | 'float64' }
  | { readonly kind: 'duration' }
  /** As `duration`, and kept as text in Go's normal form. `notNull`: null is refused instead of "not given". */
  | { readonly kind: 'durationText'; readonly notNull?: true }
  /** A whole number that fits Go's type. */
  | { readonly kind: 'int'; readonly type: 'int32' | 'int64' | 'uint32' }
  /** RFC 3339; in UTC and whole seconds once decoded. */
  | { readonly kind: 'time' }
  /** A Kubernetes quantity: text, or a number that is taken as its text; canonical once decoded. */
  | { readonly kind: 'quantity' }
  /** Nanoseconds as a whole number, or a duration's text, which is in Go's normal form once decoded. */
  | { readonly kind: 'timeOrDuration' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | ObjectShape;

export interface ObjectShape<F extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>> {
  readonly kind: 'object';
  readonly fields: F;
}

export const string = { kind: 'string' } as const;
/** Text that is a secret, such as a token. */
export const secret = { kind: 'string', secret: true } as const;
export const bool = { kind: 'bool' } as const;
export const int32 = { kind: 'int', type: 'int32' } as const;
export const int64 = { kind: 'int', type: 'int64' } as const;
export const quantity = { kind: 'quantity' } as const;
/** As `2030-01-02T03:04:05Z`. */
export const time = { kind: 'time' } as const;
/** Text such as `4m0s`; milliseconds once decoded. */
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
 * What a decoded value looks like: every field may be missing. An int64 is a `bigint` only when a `number` cannot
 * hold it exactly.
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
