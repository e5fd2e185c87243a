import type { Host } from '../../../host.ts';
import { findKernelConfig } from './kernel.ts';

type ModuleHost = Pick<Host, 'files' | 'system' | 'exec'>;

/**
 * Runs `checks` with the configuration of the kernel. If no file has it, the module `configs` is loaded while they run,
 * and provides /proc/config.gz. Upstream does this in SystemVerification, but here checks have reads only. Source: k8s.io/system-validators, kernel_validator.go.
 */
export async function withKernelConfig<T>(host: ModuleHost, checks: () => Promise<T>): Promise<T> {
  if ((await findKernelConfig(host)) !== undefined) return checks();
  const loaded = await modprobe(host, ['configs']);
  try {
    return await checks();
  } finally {
    if (loaded) await modprobe(host, ['-r', 'configs']);
  }
}

/** Whether the module was loaded. If not, the check reports the missing configuration. */
async function modprobe({ exec }: ModuleHost, args: readonly string[]): Promise<boolean> {
  try {
    return (await exec.run('modprobe', args)).code === 0;
  } catch {
    return false;
  }
}
