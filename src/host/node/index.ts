/** The real machine. This folder alone does I/O. */
import type { Host } from '../ports.ts';
import { createNodeExec } from './exec.ts';
import { createNodeFiles } from './files.ts';
import { nodeKeys } from './keys.ts';
import { connectKube } from './kube-transport.ts';
import { lazyCri, lazyEtcd } from './lazy.ts';
import { createMounts } from './mounts.ts';
import { createNet } from './net.ts';
import { nodePrompt } from './prompt.ts';
import { createServices } from './services.ts';

/** Slow to load, and short commands ask it nothing. */
const os = () => process.getBuiltinModule('node:os');

export function createNodeHost(): Host {
  const exec = createNodeExec();
  const files = createNodeFiles();
  return {
    files,
    exec,
    services: createServices(exec, files),
    net: createNet(),
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
