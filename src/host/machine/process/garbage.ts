/**
 * What frees the memory of objects that were made lately and are used no more, in a millisecond or two. Undefined on
 * Node, which has no name for it.
 */
export async function garbageCollector(): Promise<(() => void) | undefined> {
  if (process.versions.bun === undefined) return undefined;
  const { edenGC } = await import('bun:jsc');
  return () => void edenGC();
}
