/**
 * Whether etcd wrote a line of its log within the last `withinMs` milliseconds. A line without a time counts as recent.
 *
 * @param now milliseconds since 1970
 */
export function isRecent(
  line: string,
  { now, withinMs }: { readonly now: number; readonly withinMs: number },
): boolean {
  const time = Date.parse(/"ts":"([^"]+)"/.exec(line)?.[1] ?? '');
  return Number.isNaN(time) || now - time <= withinMs;
}
