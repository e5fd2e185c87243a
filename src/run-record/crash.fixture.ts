/** Cuts the power after a write of a whole `init` or `reset`, then runs the same command again. */
import { expect } from 'vitest';
import { run } from '../cli/command.fixture.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { filesOf, joinTokens, mismatches, objectsOf } from './end-state.fixture.ts';
import { bootableMachine, machineOf, type Remains, remainsOf } from './machine.fixture.ts';

const config = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.0.0.5}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
etcd: {local: {dataDir: /data/etcd}}
`;
export const withRoot = {
  '/root/kubeadm.yaml': config,
  // The directory that etcd would have by default.
  '/var/lib/etcd/of-somebody-else': 'to be left alone\n',
};
export const withoutRoot = {
  '/root/kubeadm.yaml': `${config}featureGates: {RootlessControlPlane: true}\n`,
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/group': 'root:x:0:\n',
};
const init = ['init', '--config', '/root/kubeadm.yaml', '--upload-certs'];
const reset = ['reset', '-f'];

export interface Cut {
  /** Index of the write, from 0. */
  readonly index: number;
  readonly write: string;
  readonly remains: Remains;
  /** True if the record is already removed: the run is complete, although the process had not ended. */
  readonly ended: boolean;
}

/** Runs the command to its end, and returns the state that a power cut would leave after each write. */
async function cutsOf(host: MemoryHost, argv: readonly string[]): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  let ended = false;
  host.gate.onWrite(({ kind, target }, count) => {
    ended ||= kind === 'remove' && target === '/var/lib/kubeadm/unfinished-run.json';
    cuts.push({ index: cuts.length, write: `${count}: ${kind} ${target}`, remains: remainsOf(host), ended });
  });
  const { code, stderr } = await run(host, argv);
  expect(code, stderr).toBe(0);
  return cuts;
}

/** All files, except the folder of a removed record, which can be left over. */
function state(host: MemoryHost): Readonly<Record<string, string>> {
  const { '/var/lib/kubeadm/': folder = '700 0:0 ', ...others } = filesOf(host);
  expect(folder).toBe('700 0:0 ');
  // /run is in memory, so its files are lost with the power.
  return Object.fromEntries(Object.entries(others).filter(([path]) => !/^\/run\/\.?kubeadm-run-/.test(path)));
}

/** Expects that each file of the first run is unchanged, except those that a complete run also changes. */
function expectKept(before: Remains, host: MemoryHost, where: string): void {
  const now = host.snapshot();
  for (const [path, { text }] of Object.entries(before.files)) {
    const isKept = path.startsWith('/etc/kubernetes/') && !/\/(\.[^/]*|kubelet\.conf|)$/.test(path);
    if (isKept) expect(now[path]?.text, `${where}: ${path}`).toBe(text);
  }
}

/** Chooses the writes after which the power is cut. */
export type Choose = (cuts: readonly Cut[]) => readonly Cut[];

/** @returns the number of writes of an undisturbed run */
export async function expectSameInit(
  machine: Readonly<Record<string, string>>,
  choose: Choose,
): Promise<number> {
  const undisturbed = bootableMachine(machine);
  const cuts = await cutsOf(undisturbed, init);
  const expected = { files: state(undisturbed), objects: objectsOf(undisturbed) };
  expect(mismatches(undisturbed)).toEqual([]);
  for (const { ended, index, remains, write } of choose(cuts)) {
    let host = machineOf(remains, index + 2);
    if (index % 8 === 0 && !ended) {
      // The second run is cut off, too.
      const second = await cutsOf(host, init);
      const other = second[(index * 7) % (second.length - 2)];
      host = machineOf(other?.remains ?? remains, index + 1000);
    }
    const again = await run(host, init);
    // Once the record is removed, preflight refuses the node, as upstream's does.
    expect(again.code, `${write}\n${again.stderr}`).toBe(ended ? 1 : 0);
    expect(state(host), write).toEqual(expected.files);
    expect(objectsOf(host), write).toEqual(expected.objects);
    expect(joinTokens(host), write).toHaveLength(1);
    expect(mismatches(host), write).toEqual([]);
    expectKept(remains, host, write);
  }
  return cuts.length;
}

/** @returns the number of writes of an undisturbed run */
export async function expectSameReset(
  machine: Readonly<Record<string, string>>,
  choose: Choose,
): Promise<number> {
  const finished = bootableMachine(machine);
  expect(await run(finished, init)).toMatchObject({ code: 0 });
  const begin = remainsOf(finished);
  const undisturbed = machineOf(begin, 2);
  const cuts = await cutsOf(undisturbed, reset);
  const expected = state(undisturbed);
  expect(undisturbed.runtime.sandboxes.size).toBe(0);
  expect(expected['/etc/passwd'] ?? '').not.toContain('kubeadm');
  if ('/var/lib/etcd/of-somebody-else' in machine)
    expect(expected).toHaveProperty(['/var/lib/etcd/of-somebody-else']);
  for (const { ended, remains, write } of choose(cuts)) {
    // Another reset of a clean node would empty etcd's default folder, as upstream's does.
    if (ended) continue;
    const host = machineOf(remains, 3);
    const again = await run(host, reset);
    expect(again.code, `${write}\n${again.stderr}`).toBe(0);
    expect(state(host), write).toEqual(expected);
    expect(host.runtime.sandboxes.size, write).toBe(0);
    expect(host.units.get('kubelet')?.active, write).toBe(false);
  }
  return cuts.length;
}
