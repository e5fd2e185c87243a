import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { machineGatherer } from './machine-history.ts';

const kubeconfig = `apiVersion: v1
kind: Config
current-context: a
contexts: [{ name: a, context: { cluster: a, user: a } }]
clusters: [{ name: a, cluster: { server: 'https://10.0.0.9:6443' } }]
users: [{ name: a, user: {} }]
`;
const manifest = `apiVersion: v1
kind: Pod
metadata: { name: kube-apiserver, namespace: kube-system }
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.36.2
      command: [kube-apiserver, --advertise-address=10.0.0.4]
`;

function machine(files: Readonly<Record<string, string>>) {
  const state = { isHealthy: false };
  const http = {
    'https://10.0.0.4:6443/livez?verbose': () => ({ status: state.isHealthy ? 200 : 500, body: '' }),
  };
  const all = { '/etc/kubernetes/kubelet.conf': kubeconfig, ...files };
  const host = createMemoryHost({ time: 'manual', files: all, http });
  const { look } = machineGatherer(host, { once: false, signal: new AbortController().signal });
  return { host, state, failingMs: async () => (await look(false)).endpoint?.failingMs };
}

test('an endpoint fails from the first look that got no answer', async () => {
  const { failingMs, host } = machine({});
  expect(await failingMs()).toBe(0);
  await host.time.advance(20_000);
  expect(await failingMs()).toBe(20_000);
});

test('an endpoint fails only from the time when the API server of this machine is healthy', async () => {
  const { failingMs, host, state } = machine({ '/etc/kubernetes/manifests/kube-apiserver.yaml': manifest });
  await failingMs();
  await host.time.advance(40_000);
  expect(await failingMs()).toBe(0);
  state.isHealthy = true;
  expect(await failingMs()).toBe(0);
  await host.time.advance(5_000);
  expect(await failingMs()).toBe(5_000);
});
