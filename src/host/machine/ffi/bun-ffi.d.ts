/** The part of Bun's foreign function interface that ffi.ts uses; pointers are numbers. */
declare module 'bun:ffi' {
  export const FFIType: { readonly ptr: 'ptr'; readonly i32: 'i32' };

  interface Functions {
    readonly [name: string]: { readonly args: readonly ('ptr' | 'i32')[]; readonly returns: 'ptr' | 'i32' };
  }

  export function dlopen<F extends Functions>(
    library: string,
    functions: F,
  ): { readonly symbols: { readonly [K in keyof F]: (...args: readonly number[]) => number } };
  export function ptr(data: Uint8Array): number;
  export const read: { readonly i32: (pointer: number, offset: number) => number };
}
