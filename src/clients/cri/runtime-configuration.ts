/** The configuration that a runtime reports as JSON with a verbose status. */
import { at } from '../../lib/is-record.ts';
import type { RuntimeSettings } from './cri-client.ts';

/**
 * containerd 1.x and CRI-O report it; containerd 2.x does not. Source: cmd/kubeadm/app/util/runtime/runtime.go,
 * SandboxImage.
 */
export function sandboxImageOf(config: string | undefined): string | undefined {
  return textAt(parsed(config), 'sandboxImage');
}

/** Source: containerd's internal/cri/config/config.go and internal/cri/server/status.go. */
export function settingsOf(info: Readonly<Record<string, string>>): RuntimeSettings {
  const found = parsed(info.config);
  const { lastCNILoadStatus = 'OK' } = info;
  const name = textAt(found, 'containerd', 'defaultRuntimeName') ?? 'runc';
  const runtime = at(found, 'containerd', 'runtimes', name);
  const program = textAt(runtime, 'options', 'BinaryName');
  // The shim of runc starts the program runc by default. Other shims have programs of their own.
  const isRunc = textAt(runtime, 'runtimeType') === 'io.containerd.runc.v2';
  const lowLevelRuntime = program ?? (isRunc ? 'runc' : undefined);
  const isSystemd = at(runtime, 'options', 'SystemdCgroup');
  return {
    ...(lowLevelRuntime === undefined ? {} : { lowLevelRuntime }),
    ...(isRunc && typeof isSystemd === 'boolean' ? { cgroupDriver: isSystemd ? 'systemd' : 'cgroupfs' } : {}),
    ...(lastCNILoadStatus === 'OK' ? {} : { networkFault: lastCNILoadStatus }),
  };
}

function parsed(config: string | undefined): unknown {
  try {
    return JSON.parse(config ?? '');
  } catch {
    return undefined;
  }
}

/** Returns a text that is not empty. */
function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
