/** Stopping and starting the kubelet: never an error. Source: cmd/kubeadm/app/phases/kubelet/kubelet.go. */
import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ServiceReads, ServiceWrites } from '../host.ts';

type Services = ServiceReads & ServiceWrites;

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
  await attempt(services, emit, 'stop');
}

/** Starts the kubelet, or restarts it if it runs. */
export async function startKubelet(services: Services, emit: Emit): Promise<void> {
  await attempt(services, emit, 'start');
}

async function attempt(services: Services, emit: Emit, action: 'stop' | 'start'): Promise<void> {
  if ((await services.initSystem()) === undefined) {
    emit({ type: 'kubelet-unmanaged', action, reason: 'no-init-system' });
    return;
  }
  try {
    if (action === 'stop') {
      emit({ type: 'kubelet-stopping' });
      await services.stop('kubelet');
    } else await services.restart('kubelet');
  } catch (error) {
    const missing = !(await services.exists('kubelet').catch(() => true));
    if (missing) emit({ type: 'kubelet-unmanaged', action, reason: 'no-service' });
    const code = action === 'stop' ? 'kubelet-not-stopped' : 'kubelet-not-started';
    emit({ type: 'warning', code, message: `unable to ${action} the kubelet service: ${messageOf(error)}` });
    if (action === 'start') emit({ type: 'kubelet-unmanaged', action, reason: 'failed' });
  }
}
