/**
 * Shapes: what fields a kind of the configuration API has, as plain values. From one shape come the types,
 * the check for unknown fields and wrong types, and the printed form.
 */

export type Shape =
  | { readonly kind: 'string' | 'bool' | 'float' }
  /** `notNull`: null is no duration here, where it means "not given" elsewhere. */
  | { readonly kind: 'duration'; readonly notNull?: true }
  /** A whole number that fits Go's type. */
  | { readonly kind: 'int'; readonly type: 'int32' | 'int64' | 'uint32' }
  /** RFC 3339; in UTC and whole seconds once decoded. */
  | { readonly kind: 'time' }
  /** A Kubernetes quantity: a string, or a number that is taken as its text. */
  | { readonly kind: 'quantity' }
  /** Nanoseconds as a number, or a duration's text; kept as given. */
  | { readonly kind: 'timeOrDuration' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | ObjectShape;

export interface ObjectShape<F extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>> {
  readonly kind: 'object';
  readonly fields: F;
}

export const string = { kind: 'string' } as const;
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

/** What a decoded value looks like: every field may be missing. */
export type Decoded<S> = S extends { readonly kind: 'string' | 'quantity' | 'time' }
  ? string
  : S extends { readonly kind: 'bool' }
    ? boolean
    : S extends { readonly kind: 'int' | 'float' | 'duration' }
      ? number
      : S extends { readonly kind: 'timeOrDuration' }
        ? string | number
        : S extends { readonly kind: 'list'; readonly of: infer T }
          ? readonly Decoded<T>[]
          : S extends { readonly kind: 'map'; readonly of: infer T }
            ? Readonly<Record<string, Decoded<T>>>
            : S extends { readonly kind: 'object'; readonly fields: infer F }
              ? { readonly [K in keyof F]?: Decoded<F[K]> }
              : unknown;
