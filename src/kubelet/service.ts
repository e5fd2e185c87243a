/** Stops and starts the kubelet. What fails is a warning. Source: cmd/kubeadm/app/phases/kubelet/kubelet.go. */
import { messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ServiceReads, ServiceWrites } from '../host.ts';

type Services = ServiceReads & ServiceWrites;

interface Context {
  readonly emit: Emit;
  /** When it is aborted, a call of the init system ends. */
  readonly signal: AbortSignal;
}

/** Before the kubelet is started: its unit or a drop-in of it may be new. @throws the signal's reason */
export async function readUnit(services: Services, { emit, signal }: Context): Promise<void> {
  if ((await services.initSystem()) === undefined) return;
  try {
    await services.readUnit('kubelet', signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = `unable to read the units again, so the kubelet may start with an old one: ${messageOf(error)}`;
    emit({ type: 'warning', code: 'kubelet-unit-not-read', message });
  }
}

/** Keeps the kubelet from reading files that are only half written. @throws the signal's reason */
export async function stopKubelet(services: Services, context: Context): Promise<void> {
  await attempt(services, 'stop', context);
}

/** Starts the kubelet, or restarts it if it runs. @throws the signal's reason */
export async function startKubelet(services: Services, context: Context): Promise<void> {
  await attempt(services, 'start', context);
}

async function attempt(
  services: Services,
  action: 'stop' | 'start',
  { emit, signal }: Context,
): Promise<void> {
  if ((await services.initSystem()) === undefined) {
    emit({ type: 'kubelet-unmanaged', action, reason: 'no-init-system' });
    return;
  }
  try {
    if (action === 'stop') {
      emit({ type: 'kubelet-stopping' });
      await services.stop('kubelet', signal);
    } else await services.restart('kubelet', signal);
  } catch (error) {
    signal.throwIfAborted();
    const missing = !(await services.exists('kubelet', signal).catch(() => true));
    signal.throwIfAborted();
    if (missing) emit({ type: 'kubelet-unmanaged', action, reason: 'no-service' });
    const code = action === 'stop' ? 'kubelet-not-stopped' : 'kubelet-not-started';
    emit({ type: 'warning', code, message: `unable to ${action} the kubelet service: ${messageOf(error)}` });
    if (action === 'start') emit({ type: 'kubelet-unmanaged', action, reason: 'failed' });
  }
}
