/** The real machine. Only this folder does I/O. */
import type { Host } from '../../host.ts';
import { createMachineExec } from './exec.ts';
import { createMounts } from './ffi/mounts.ts';
import { createMachineFiles } from './files/files.ts';
import { nodeKeys } from './keys.ts';
import { connectKube } from './network/kube-transport.ts';
import { lazyCri, lazyEtcd } from './network/lazy.ts';
import { createNet } from './network/net.ts';
import { nodePrompt } from './process/prompt.ts';
import { createServices } from './services.ts';

/** Slow to load, and short commands do not need it. */
const os = () => process.getBuiltinModule('node:os');

export function createMachineHost(): Host {
  const exec = createMachineExec();
  const files = createMachineFiles(exec);
  return {
    files,
    exec,
    services: createServices(exec, files),
    net: createNet(exec),
    system: {
      uid: () => process.getuid?.() ?? -1,
      cpus: () => os().availableParallelism(),
      totalMemory: () => os().totalmem(),
      kernel: () => ({ name: os().type(), release: os().release() }),
      environment: () => process.env,
    },
    mounts: createMounts(exec),
    clock: {
      now: () => new Date(),
      offsetMinutes: (at) => -at.getTimezoneOffset(),
      monotonic: () => performance.now(),
      sleep: async (milliseconds, signal) => {
        const { setTimeout: sleep } = await import('node:timers/promises');
        await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      },
    },
    random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
    keys: nodeKeys,
    prompt: nodePrompt,
    kube: connectKube,
    etcd: lazyEtcd,
    cri: lazyCri,
  };
}
