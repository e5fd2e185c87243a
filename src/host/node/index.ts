/** The real machine. This folder alone does I/O. */
import { availableParallelism, release, totalmem, type } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

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

export function createNodeHost(): Host {
  const exec = createNodeExec();
  return {
    files: createNodeFiles(),
    exec,
    services: createServices(exec),
    net: createNet(),
    system: {
      uid: () => process.getuid?.() ?? -1,
      cpus: () => availableParallelism(),
      totalMemory: () => totalmem(),
      kernel: () => ({ name: type(), release: release() }),
      environment: () => process.env,
    },
    mounts: createMounts(exec),
    clock: {
      now: () => new Date(),
      monotonic: () => performance.now(),
      sleep: async (milliseconds, signal) => {
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
