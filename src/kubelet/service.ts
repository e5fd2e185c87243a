/** Stopping and starting the kubelet: never an error. Source: cmd/kubeadm/app/phases/kubelet/kubelet.go. */
import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ServiceReads, ServiceWrites } from '../host/host.ts';

type Services = ServiceReads & ServiceWrites;

const topic = 'kubelet-start';

/** Before the kubelet is started: its unit or a drop-in of it may be new. */
export async function readUnit(services: Services, emit: Emit): Promise<void> {
  if ((await services.initSystem()) === undefined) return;
  try {
    await services.readUnit('kubelet');
  } catch (error) {
    const message = `unable to read the units again, so the kubelet may start with an old one: ${messageOf(error)}`;
    emit({ type: 'warning', code: 'kubelet-unit-not-read', message });
  }
}

/** Keeps the kubelet from reading files that are only half written. */
export async function stopKubelet(services: Services, emit: Emit): Promise<void> {
  const consequence = 'it is not stopped while its files are written';
  await attempt(services, emit, { verb: 'stop', action: () => services.stop('kubelet'), consequence });
}

/** Starts it; restarts it where it runs. */
export async function startKubelet(services: Services, emit: Emit): Promise<void> {
  const consequence = 'see to it that the kubelet runs';
  const action = (): Promise<void> => services.restart('kubelet');
  if (await attempt(services, emit, { verb: 'start', action, consequence })) return;
  emit({ type: 'progress', topic, message: 'Please make sure that the kubelet is reloaded and runs' });
}

interface Attempt {
  readonly verb: 'stop' | 'start';
  readonly action: () => Promise<void>;
  /** Where it cannot be done. */
  readonly consequence: string;
}

async function attempt(
  services: Services,
  emit: Emit,
  { verb, action, consequence }: Attempt,
): Promise<boolean> {
  if ((await services.initSystem()) === undefined) {
    emit({ type: 'progress', topic, message: `No init system that is supported was found: ${consequence}` });
    return true;
  }
  if (verb === 'stop') emit({ type: 'kubelet-stopping' });
  try {
    await action();
    return true;
  } catch (error) {
    const missing = !(await services.exists('kubelet').catch(() => true));
    if (missing) emit({ type: 'progress', topic, message: `There is no service "kubelet": ${consequence}` });
    const message = `unable to ${verb} the kubelet service: ${messageOf(error)}`;
    emit({ type: 'warning', code: verb === 'stop' ? 'kubelet-not-stopped' : 'kubelet-not-started', message });
    return false;
  }
}
