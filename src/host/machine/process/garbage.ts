/**
 * Returns a function that frees recently created, unused objects in a millisecond or two. Returns undefined on Node,
 * which does not offer it.
 */
export async function garbageCollector(): Promise<(() => void) | undefined> {
  if (process.versions.bun === undefined) return undefined;
  const { edenGC } = await import('bun:jsc');
  return () => void edenGC();
}
