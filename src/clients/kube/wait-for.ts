import { KubeApiError } from '../../errors.ts';
import { adaptiveInterval, type RetryClock, RetryTimeout } from '../../lib/retry.ts';
import type { KubeClient, KubeObject, Selection } from './kube-client.ts';

/** Selects the objects that a wait looks at. */
export interface WaitQuery extends Selection {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface WaitOptions {
  readonly clock: RetryClock;
  /** Names the thing that the wait is for; it completes "waited for …". */
  readonly what: string;
  /** The deadline, from now. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Describes the things that are still missing, for the error at the deadline. */
  readonly missing?: (objects: readonly KubeObject[]) => string;
  /** Returns true for errors that another try cannot fix; the wait throws them unchanged. Defaults to none. */
  readonly giveUp?: (error: unknown) => boolean;
}

/** A watch that is silent for this long counts as broken, because the server sends bookmarks every minute. */
const silenceMs = 90_000;
/** How often a failing list is repeated and the deadline is checked; a watch does not need it. */
const deadlineStepMs = 500;

/**
 * Waits until the predicate returns a result. It lists the objects and watches for changes. It lists again when the
 * server has forgotten the state of the list (410), when the watch ends or breaks, and when a call fails.
 *
 * @param predicate gets all selected objects after each change; it returns undefined to go on waiting
 * @returns the first result of the predicate that is not undefined
 * @throws RetryTimeout at the deadline, with the missing objects as its cause; the signal's reason
 */
export async function waitFor<T>(
  client: Pick<KubeClient, 'list' | 'watch'>,
  query: WaitQuery,
  predicate: (objects: readonly KubeObject[]) => T | undefined,
  options: WaitOptions,
): Promise<T> {
  const { clock, signal, timeoutMs, what } = options;
  signal?.throwIfAborted();
  const ended = new AbortController();
  const within = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
  const start = clock.monotonic();
  const search: Search<T> = {
    client,
    query,
    predicate,
    options,
    signal: within,
    tries: 0,
    problem: undefined,
  };
  const deadline = async (): Promise<never> => {
    for (;;) {
      const left = timeoutMs - (clock.monotonic() - start);
      within.throwIfAborted();
      if (left <= 0) {
        const milliseconds = clock.monotonic() - start;
        throw new RetryTimeout(what, { milliseconds, tries: search.tries }, search.problem);
      }
      await clock.sleep(Math.min(deadlineStepMs, left), within);
    }
  };
  const found = find(search, start);
  try {
    return await Promise.race([found, deadline()]);
  } finally {
    ended.abort(new Error('the wait is over'));
    await found.catch(() => undefined);
  }
}

interface Search<T> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly query: WaitQuery;
  readonly predicate: (objects: readonly KubeObject[]) => T | undefined;
  readonly options: WaitOptions;
  readonly signal: AbortSignal;
  tries: number;
  /** Why the last try was not enough. */
  problem: unknown;
}

async function find<T>(search: Search<T>, start: number): Promise<T> {
  const { options, signal } = search;
  for (;;) {
    signal.throwIfAborted();
    search.tries += 1;
    try {
      const found = await listAndWatch(search);
      if (found !== undefined) return found;
    } catch (error) {
      signal.throwIfAborted();
      if (options.giveUp?.(error) === true) throw error;
      // A list that is too old (410) gives no reason why the condition is not met.
      if (!(error instanceof KubeApiError && error.status === 410)) search.problem = error;
    }
    await options.clock.sleep(adaptiveInterval(options.clock.monotonic() - start), signal);
  }
}

/** Returns undefined if the watch ends before the predicate has a result. */
async function listAndWatch<T>(search: Search<T>): Promise<T | undefined> {
  const { client, query, predicate, signal } = search;
  const { apiVersion, kind, ...selection } = query;
  const list = await client.list(apiVersion, kind, { ...selection, signal });
  const objects = new Map(list.items.map((object) => [keyOf(object), object]));
  const look = (): T | undefined => {
    const found = predicate([...objects.values()]);
    if (found === undefined) search.problem = new Error(missingText(search, [...objects.values()]));
    return found;
  };
  const found = look();
  if (found !== undefined) return found;
  const watch = client.watch(apiVersion, kind, {
    ...selection,
    signal,
    silenceMs,
    allowWatchBookmarks: true,
    ...(list.resourceVersion === '' ? {} : { resourceVersion: list.resourceVersion }),
  });
  for await (const { type, object } of watch) {
    if (type === 'BOOKMARK') continue;
    if (type === 'DELETED') objects.delete(keyOf(object));
    else objects.set(keyOf(object), object);
    const result = look();
    if (result !== undefined) return result;
  }
  return undefined;
}

function missingText<T>({ options }: Search<T>, objects: readonly KubeObject[]): string {
  return options.missing?.(objects) ?? 'it has not happened yet';
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
