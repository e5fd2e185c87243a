/** The two machines that the contracts run on: one in memory, and this one below a temporary folder. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMachineHost } from '../../src/host/machine/index.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../src/host/memory/index.ts';
import type { Host } from '../../src/host.ts';

export interface Machine {
  readonly host: Host;
  /** An empty folder that a test can write to. */
  readonly folder: string;
  readonly link: (file: string, target: string) => void;
  /** Removes the folder. */
  readonly close: () => void;
}

export interface MachineKind {
  readonly name: string;
  readonly open: () => Machine;
}

/** The programs of a Linux machine that the contract runs. */
const programs: MemoryHostOptions['programs'] = {
  true: {},
  false: { code: 1 },
  echo: (args) => ({ stdout: `${args.join(' ')}\n` }),
  cat: (_args, { input = '' }) => ({ stdout: input }),
  ls: ([path]) => ({ code: 2, stderr: `ls: cannot access '${path}': No such file or directory\n` }),
};

export const machines: readonly MachineKind[] = [
  {
    name: 'in memory',
    open: () => {
      const folder = '/srv/contract';
      const host = createMemoryHost({ files: { [folder]: { directory: true } }, programs });
      return {
        host,
        folder,
        link: (file, target) => host.disk.put({ [file]: { link: target } }),
        close: () => undefined,
      };
    },
  },
  {
    name: 'this machine',
    open: () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-contract-'));
      return {
        host: createMachineHost(),
        folder,
        link: (file, target) => symlinkSync(target, file),
        close: () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  },
];
