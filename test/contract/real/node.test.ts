/** The contracts of services and of the container runtime, on a lab node with systemd and containerd. */
import { afterAll, beforeAll } from 'vitest';

import { ensureComponents } from '../../../components/index.ts';
import { createLab, type Lab } from '../../../lab/index.ts';
import { createMachineFiles } from '../../../src/host/machine/files/files.ts';
import { createMachineHost } from '../../../src/host/machine/index.ts';
import { createServices } from '../../../src/host/machine/services.ts';
import type { ExecOptions, ExecResult } from '../../../src/host.ts';
import { criContract } from '../cri-contract.ts';
import { servicesContract } from '../services-contract.ts';

const host = createMachineHost();
let lab: Lab;
let root: string;

const unit = (command: string): string =>
  `[Service]\nType=simple\nExecStart=${command}\n\n[Install]\nWantedBy=multi-user.target\n`;

beforeAll(async () => {
  const components = await ensureComponents();
  lab = await createLab({ components, nodes: [{ name: 'contract' }] });
  const node = lab.node('contract');
  root = await node.root();
  await node.writeFile('/etc/systemd/system/contract.service', unit('/bin/sleep infinity'));
  await node.writeFile('/etc/systemd/system/failing.service', unit('/none/such').replace('simple', 'exec'));
  await node.mustExec(['systemctl', 'enable', 'contract']);
});
afterAll(async () => await lab?.delete());

/** Runs programs on the node instead of this machine. */
const exec = {
  find: async (program: string) => (program === 'systemctl' ? '/usr/bin/systemctl' : undefined),
  probe: async (program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult> =>
    await lab.node('contract').exec([program, ...args], options),
  run: async (program: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult> =>
    await lab.node('contract').exec([program, ...args], options),
};

servicesContract('under a real systemd', () => createServices(exec, createMachineFiles(exec)));

criContract('of a real containerd', {
  connect: () => host.cri(`unix://${root}/run/containerd/containerd.sock`),
  present: 'registry.k8s.io/pause:3.10.2',
  unobtainable: 'registry.invalid/none:1',
  connectToNothing: () => host.cri(`unix://${root}/run/containerd/none.sock`),
});
