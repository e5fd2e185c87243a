/**
 * Returns the result of `work`, or ends at once when the signal is aborted, because a server may not answer. `work` must
 * not write anything, because it can continue after that.
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
