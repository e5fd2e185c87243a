import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { readAdvertiseAddress, readNodeName } from './this-node.ts';

/** Self-signed, O=system:nodes, CN=system:node:worker-7; its key is not kept. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBwzCCAWmgAwIBAgIUVm9nPooNJlTiJ3D+5UPIVurOgrQwCgYIKoZIzj0EAwIw
NjEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMR0wGwYDVQQDDBRzeXN0ZW06bm9kZTp3
b3JrZXItNzAgFw0yNjExMjQxNTMwNTRaGA8yMTI2MTAzMTE1MzA1NFowNjEVMBMG
A1UECgwMc3lzdGVtOm5vZGVzMR0wGwYDVQQDDBRzeXN0ZW06bm9kZTp3b3JrZXIt
NzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFTAmOyY6Fg3tTuMB68NQPLGmEz6
qqLMtNJL52h56mn+tNL2erV9vizC1uiiCwmJLHTyQ6O3y/tNE+hrHHPosMGjUzBR
MB0GA1UdDgQWBBRAbVZUGKo6RRUxxyvVAu0oSyNzGzAfBgNVHSMEGDAWgBRAbVZU
GKo6RRUxxyvVAu0oSyNzGzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA
MEUCIASaRkTbMQ+hMslCXQsgc36QGFY9q5mT71I76WjGUiUgAiEAjLWTVkN5cAgu
tZvg/OUdeghGzIqLcuP9J55lPIg5R2k=
-----END CERTIFICATE-----`;

const kubeletConf = `apiVersion: v1
kind: Config
current-context: default
clusters:
- name: default
  cluster: {server: 'https://10.0.0.5:6443'}
contexts:
- name: default
  context: {cluster: default, user: default}
users:
- name: default
  user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem}
`;

const files = {
  '/etc/kubernetes/kubelet.conf': kubeletConf,
  '/var/lib/kubelet/pki/kubelet-client-current.pem': certificate,
};

describe('readNodeName', () => {
  test('is in the certificate of the kubelet', async () => {
    expect(await readNodeName(createMemoryHost({ files }))).toBe('worker-7');
  });

  test('is the host name without one', async () => {
    expect(await readNodeName(createMemoryHost({ hostname: 'Node2' }))).toBe('node2');
    const broken = { ...files, '/var/lib/kubelet/pki/kubelet-client-current.pem': 'nothing' };
    expect(await readNodeName(createMemoryHost({ files: broken }))).toBe('node1');
  });
});

const kubeconfig = {
  currentContext: 'a',
  clusters: [{ name: 'a', server: 'https://10.0.0.5:6443' }],
  contexts: [{ name: 'a', cluster: 'a', user: 'a' }],
  users: [{ name: 'a' }],
};

function withPod(node: string, endpoint: string | undefined) {
  const host = createMemoryHost();
  host.api.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `kube-apiserver-${node}`,
      namespace: 'kube-system',
      labels: { component: 'kube-apiserver', tier: 'control-plane' },
      ...(endpoint !== undefined && {
        annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': endpoint },
      }),
    },
    spec: { nodeName: node },
  });
  return host.kube(kubeconfig);
}

describe('readAdvertiseAddress', () => {
  test('is the host of the annotation', async () => {
    expect(await readAdvertiseAddress(withPod('node1', '10.0.0.5:6443'), 'node1')).toBe('10.0.0.5');
    expect(await readAdvertiseAddress(withPod('node1', '[fd00::5]:6443'), 'node1')).toBe('fd00::5');
  });

  test('is an error for another node, and without the annotation', async () => {
    const client = withPod('node1', '10.0.0.5:6443');
    await expect(readAdvertiseAddress(client, 'node2')).rejects.toThrow(/node2/);
    await expect(readAdvertiseAddress(withPod('node1', undefined), 'node1')).rejects.toThrow(/annotation/);
    await expect(readAdvertiseAddress(withPod('node1', 'nonsense'), 'node1')).rejects.toThrow(/annotation/);
  });
});
