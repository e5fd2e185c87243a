/** In bytes. Less is not worth the four milliseconds that a full collection takes. */
const growth = 2 * 1024 * 1024;

/**
 * Returns a function that frees the memory of objects that were made lately and are used no more, in a millisecond or
 * two. When the process has grown by 2 MiB in spite of that, the function also collects everything and gives the pages
 * back to the system. Returns undefined on Node, which has no name for either.
 */
export async function garbageCollector(): Promise<(() => void) | undefined> {
  if (process.versions.bun === undefined) return undefined;
  const { edenGC } = await import('bun:jsc');
  const { shrink } = await import('bun');
  const { rss } = process.memoryUsage;
  let least = rss();
  return () => {
    edenGC();
    const now = rss();
    least = Math.min(least, now);
    if (now - least < growth) return;
    shrink();
    least = rss();
  };
}
