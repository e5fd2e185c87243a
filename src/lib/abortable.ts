/**
 * Returns the result of `work`, or ends at once when the signal is aborted, because a server may not answer. `work` can
 * continue after that. So it must not change the machine, except for files in the directory of a dry run, and it must check
 * the signal before it makes that directory. It may make other changes whose end the caller waits for.
 *
 * @throws the errors of `work`; the signal's reason
 */
export async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
