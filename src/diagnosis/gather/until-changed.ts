import type { FileReads } from '../../host.ts';

type Remembering<T> = (paths: readonly string[], gather: () => Promise<T>) => Promise<T>;

/**
 * The returned function gathers again only if the files at the paths have changed since the last time. Parsing takes
 * processor time that the components need while they start, and a look at the times of the files does not.
 */
export function untilChanged<T>({ files }: { readonly files: FileReads }): Remembering<T> {
  let known: { readonly state: string; readonly value: T } | undefined;
  return async (paths, gather) => {
    const stats = paths.map(async (path) => [path, await files.stat(path).catch(() => undefined)] as const);
    // A file that changes while it is read has another time at the next look.
    const state = JSON.stringify(await Promise.all(stats));
    if (known?.state !== state) known = { state, value: await gather() };
    return known.value;
  };
}
