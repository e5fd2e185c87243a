/** The part of Bun's view into its engine that garbage.ts uses. */
declare module 'bun:jsc' {
  export function edenGC(): number;
}
