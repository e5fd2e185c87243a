/** The part of Bun's foreign function interface that this folder uses; pointers are numbers. */
declare module 'bun:ffi' {
  type Type = 'ptr' | 'i32' | 'i64' | 'i64_fast';

  export const FFIType: { readonly [T in Type]: T };

  export interface Functions {
    readonly [name: string]: { readonly args: readonly Type[]; readonly returns: Type };
  }

  export type Symbols<F extends Functions> = {
    readonly [K in keyof F]: (...args: readonly number[]) => number;
  };

  export function dlopen<F extends Functions>(
    library: string,
    functions: F,
  ): { readonly symbols: Symbols<F> };
  export function ptr(data: Uint8Array): number;
  export const read: {
    readonly i32: (pointer: number, offset: number) => number;
    readonly u32: (pointer: number, offset: number) => number;
    readonly u16: (pointer: number, offset: number) => number;
    readonly u8: (pointer: number, offset: number) => number;
    readonly ptr: (pointer: number, offset: number) => number;
  };
}
