import type { Host } from '../../../host.ts';
import { findKernelConfig } from './kernel.ts';

type ModuleHost = Pick<Host, 'files' | 'system' | 'exec'>;

/**
 * Runs `checks` with the kernel's configuration at hand: where no file holds it, the module `configs` is loaded
 * for as long as they run and makes /proc/config.gz. Upstream does so inside SystemVerification; checks of ours
 * have reads only. Source: k8s.io/system-validators, kernel_validator.go.
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

/** Whether it worked: without it the check says what is missing. */
async function modprobe({ exec }: ModuleHost, args: readonly string[]): Promise<boolean> {
  try {
    return (await exec.run('modprobe', args)).code === 0;
  } catch {
    return false;
  }
}
