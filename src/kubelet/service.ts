/** Stopping and starting the kubelet: never an error. Source: cmd/kubeadm/app/phases/kubelet/kubelet.go. */
import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ServiceReads, ServiceWrites } from '../host/ports.ts';

type Services = ServiceReads & ServiceWrites;

const topic = 'kubelet-start';

/** Keeps the kubelet from reading files that are only half written. */
export async function stopKubelet(services: Services, emit: Emit): Promise<void> {
  if (!(await announce(services, emit, 'it is not stopped while its files are written'))) return;
  await attempt('stop', () => services.stop('kubelet'), emit);
}

export async function startKubelet(services: Services, emit: Emit): Promise<void> {
  if (!(await announce(services, emit, 'see to it that the kubelet runs'))) return;
  const started = await attempt('start', () => services.restart('kubelet'), emit);
  if (!started) {
    emit({ type: 'progress', topic, message: 'Please make sure that the kubelet is reloaded and runs' });
  }
}

async function announce(services: Services, emit: Emit, consequence: string): Promise<boolean> {
  if ((await services.initSystem()) === undefined) {
    emit({ type: 'progress', topic, message: `No init system that is supported was found: ${consequence}` });
    return false;
  }
  if (!(await services.exists('kubelet'))) {
    emit({ type: 'progress', topic, message: `There is no service "kubelet": ${consequence}` });
  }
  return true;
}

async function attempt(verb: string, action: () => Promise<void>, emit: Emit): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    const message = `unable to ${verb} the kubelet service: ${messageOf(error)}`;
    emit({ type: 'warning', code: 'kubelet-service', message });
    return false;
  }
}
