/** The part of Bun's engine interface that garbage.ts uses. */
declare module 'bun:jsc' {
  export function edenGC(): number;
}
