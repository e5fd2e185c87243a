import { CriError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { stopStaticPod } from './restart-static-pod.ts';

/**
 * Ends the running container of a static Pod, which the kubelet then starts again. Returns false, with a detail, if the
 * container does not run or cannot be ended.
 *
 * @param options.component the name of the container, such as `etcd`
 */
export async function restartContainer(
  host: Pick<Host, 'cri' | 'clock'>,
  options: { readonly component: string; readonly criSocket: string; readonly emit: Emit },
): Promise<boolean> {
  const { component, criSocket, emit } = options;
  try {
    return (await stopStaticPod(host, { component, criSocket })) !== undefined;
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    const message = `unable to restart the container ${component}: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: component, message });
    return false;
  }
}
