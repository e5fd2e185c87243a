/** Runs of `init` that are cut off after a write, for tests of the next run. */
import { run } from '../cli/command.fixture.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { bootableMachine, type Remains, remainsOf } from './machine.fixture.ts';

export const record = '/var/lib/kubeadm/unfinished-run.json';
export const apiServerKey = '/etc/kubernetes/pki/apiserver.key';
export const init = ['init', '--config', '/root/kubeadm.yaml'];
export const reset = ['reset', '-f'];

/** `changes` are lines to add to the InitConfiguration and the ClusterConfiguration. */
export function config(changes: { readonly init?: string; readonly cluster?: string } = {}): string {
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.0.0.5}
${changes.init ?? ''}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
${changes.cluster ?? ''}
`;
}

export function machine(files: Parameters<typeof bootableMachine>[0] = {}, seed = 1): MemoryHost {
  return bootableMachine({ '/root/kubeadm.yaml': config(), ...files }, seed);
}

/** The state that a power cut leaves after the write of that file. */
export async function cutAfter(path: string, host = machine()): Promise<Remains> {
  let remains: Remains | undefined;
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'file' && target === path) remains = remainsOf(host);
  });
  await run(host, init);
  if (remains === undefined) throw new Error(`${path} was not written`);
  return remains;
}

export function withFiles({ files, ...rest }: Remains, texts: Readonly<Record<string, string>>): Remains {
  const added = Object.entries(texts).map(([path, text]) => [path, { mode: 0o600, uid: 0, gid: 0, text }]);
  return { ...rest, files: { ...files, ...Object.fromEntries(added) } };
}

/** The writes of a run, without its notes in /run. */
export function changesOf(host: MemoryHost): readonly string[] {
  return host.gate.writes
    .filter(({ target }) => !target.startsWith('/run/'))
    .map(({ kind, target }) => `${kind} ${target}`);
}
