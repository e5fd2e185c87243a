/** A command line on a machine in memory, for tests. */
import type { MemoryHost } from '../host/memory/index.ts';
import type { CommandLine } from './command-line.ts';
import { main } from './main.ts';

/** A complete configuration with ECDSA keys, which are fast to make. */
export const configuration = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.88.0.10 }
nodeRegistration: { name: control-plane, criSocket: "unix:///run/containerd/containerd.sock" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: ECDSA-P256
`;

/** Runs a command line and returns its exit code and its output. */
export async function run(
  host: MemoryHost,
  argv: readonly string[],
  signal = new AbortController().signal,
  more: Partial<CommandLine> = {},
) {
  const said = { stdout: '', stderr: '' };
  const output = {
    stdout: (text: string) => {
      said.stdout += text;
    },
    stderr: (text: string) => {
      said.stderr += text;
    },
  };
  const code = await main(argv, {
    host,
    output,
    signal,
    changeRoot: async () => undefined,
    openOutputFile: async () => ({ write: () => undefined, close: async () => undefined }),
    ...more,
  });
  return { code, ...said };
}
