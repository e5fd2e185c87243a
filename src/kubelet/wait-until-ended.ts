import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';

/**
 * Waits until the kubelet has ended the container of a static Pod whose manifest is removed, so that nothing writes into
 * its volumes. If the container still runs at the first look, it emits `waiting`, and `waited` at its end.
 *
 * @param options.component the name of the container, such as `etcd`, which is also the topic of the events
 * @throws RetryTimeout
 */
export async function waitUntilEnded(
  host: Pick<Host, 'clock' | 'cri'>,
  options: {
    readonly component: string;
    readonly criSocket: string;
    readonly timeoutMs: number;
    readonly emit: Emit;
  },
): Promise<void> {
  const { clock } = host;
  const { component, criSocket, emit, timeoutMs } = options;
  const what = `the end of ${component}`;
  const start = clock.monotonic();
  let isWaiting = false;
  const cri = host.cri(criSocket);
  const attempt = async (): Promise<void> => {
    const containers = await cri.containers();
    if (!containers.some(({ name, state }) => name === component && state === 'running')) return;
    if (!isWaiting) emit({ type: 'waiting', topic: component, for: what, timeoutMs });
    isWaiting = true;
    throw new KubeadmError('container-failed', `the container of ${component} still runs`);
  };
  try {
    await retry(attempt, { clock, what, timeoutMs });
    const milliseconds = clock.monotonic() - start;
    if (isWaiting) emit({ type: 'waited', topic: component, for: what, milliseconds });
  } finally {
    cri.close();
  }
}
