import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';

export interface EndingContainer {
  /** The name of the container, such as `etcd`. */
  readonly component: string;
  readonly criSocket: string;
  readonly timeoutMs: number;
  /** The topic of the events that report the wait. */
  readonly topic: string;
  readonly emit: Emit;
}

/**
 * Waits until the kubelet has ended the container of a static Pod whose manifest is removed, so that nothing writes into
 * its volumes. If the container still runs at the first look, it emits `waiting`, and `waited` at its end.
 *
 * @throws RetryTimeout
 */
export async function waitUntilEnded(
  { clock, cri: connect }: Pick<Host, 'clock' | 'cri'>,
  { component, criSocket, emit, timeoutMs, topic }: EndingContainer,
): Promise<void> {
  const what = `the end of ${component}`;
  const start = clock.monotonic();
  let isWaiting = false;
  const cri = connect(criSocket);
  const attempt = async (): Promise<void> => {
    const containers = await cri.containers();
    if (!containers.some(({ name, state }) => name === component && state === 'running')) return;
    if (!isWaiting) emit({ type: 'waiting', topic, for: what, timeoutMs });
    isWaiting = true;
    throw new KubeadmError('container-failed', `the container of ${component} still runs`);
  };
  try {
    await retry(attempt, { clock, what, timeoutMs });
    const milliseconds = clock.monotonic() - start;
    if (isWaiting) emit({ type: 'waited', topic, for: what, milliseconds });
  } finally {
    cri.close();
  }
}
