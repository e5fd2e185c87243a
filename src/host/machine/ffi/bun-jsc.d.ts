/** The part of Bun's engine interface that garbage.ts uses. */
declare module 'bun:jsc' {
  export function edenGC(): number;
}

/** The part of Bun itself that garbage.ts uses. */
declare module 'bun' {
  /** Collects all garbage and gives unused pages back to the system. */
  export function shrink(): void;
}
