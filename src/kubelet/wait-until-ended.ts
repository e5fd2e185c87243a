import { KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';

/**
 * Waits until the kubelet has ended the container of a static Pod whose manifest is removed, so that nothing writes into
 * its volumes.
 *
 * @param options.component the name of the container, such as `etcd`
 * @throws RetryTimeout
 */
export async function waitUntilEnded(
  host: Pick<Host, 'clock' | 'cri'>,
  options: { readonly component: string; readonly criSocket: string; readonly timeoutMs: number },
): Promise<void> {
  const { component, criSocket, timeoutMs } = options;
  const cri = host.cri(criSocket);
  try {
    await retry(
      async () => {
        const containers = await cri.containers();
        if (containers.some(({ name, state }) => name === component && state === 'running'))
          throw new KubeadmError('container-failed', `the container of ${component} still runs`);
      },
      { clock: host.clock, what: `the end of ${component}`, timeoutMs },
    );
  } finally {
    cri.close();
  }
}
