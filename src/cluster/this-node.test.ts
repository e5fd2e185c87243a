import { describe, expect, test } from 'vitest';
import { KubeApiError, messageOf, NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import { readAdvertiseAddress, readNodeName } from './this-node.ts';

/** A self-signed certificate with O=system:nodes and CN=system:node:worker-7. Its key does not exist any more. */
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
  user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem, client-key: /var/lib/kubelet/pki/kubelet-client-current.pem}
`;

const files = {
  '/etc/kubernetes/kubelet.conf': kubeletConf,
  '/var/lib/kubelet/pki/kubelet-client-current.pem': certificate,
};

async function nodeName(options: MemoryHostOptions, prepare?: (host: MemoryHost) => void) {
  const events: KubeadmEvent[] = [];
  const host = createMemoryHost(options);
  prepare?.(host);
  const { signal } = new AbortController();
  const name = await readNodeName(host, { emit: (event) => events.push(event), signal });
  return { name, events };
}

describe('readNodeName', () => {
  test('the node name is read from the certificate of the kubelet', async () => {
    expect(await nodeName({ files })).toEqual({ name: 'worker-7', events: [] });
  });

  test('the node name is the user name that the API server returns for kubelet.conf', async () => {
    const reviewed = await nodeName({ files }, (host) => {
      host.api.userName = () => 'system:node:renamed-7';
    });
    expect(reviewed).toEqual({ name: 'renamed-7', events: [] });
    const other = await nodeName({ files }, (host) => {
      host.api.userName = () => 'kubernetes-admin';
    });
    expect(other).toEqual({ name: 'worker-7', events: [] });
  });

  test('the node name comes from the certificate if the API server does not answer, with a detail', async () => {
    const { name, events } = await nodeName({ files }, (host) => {
      host.api.reachable = false;
    });
    expect(name).toBe('worker-7');
    expect(events).toEqual([
      { type: 'detail', verbosity: 1, message: expect.stringContaining('connection refused') },
    ]);
  });

  test('the node name is the host name if kubelet.conf does not exist', async () => {
    const { name, events } = await nodeName({ hostname: ' Node2' });
    expect(name).toBe('node2');
    expect(events).toEqual([expect.objectContaining({ type: 'detail' })]);
  });

  test.each([
    [{ '/var/lib/kubelet/pki/kubelet-client-current.pem': 'nothing' }, /certificate .* cannot be read/],
    [{ '/etc/kubernetes/kubelet.conf': 'a: [' }, /kubelet\.conf/],
    [
      { '/etc/kubernetes/kubelet.conf': kubeletConf.replace(/client-certificate: .*pem/, 'token: x') },
      /no client/,
    ],
  ])(
    'a kubelet.conf that names no node is a warning that shows the name and the reason',
    async (change, why) => {
      const { name, events } = await nodeName({ files: { ...files, ...change } });
      expect(name).toBe('node1');
      expect(events).toEqual([
        { type: 'warning', code: 'node-name-from-host', message: expect.stringMatching(why) },
      ]);
      expect(JSON.stringify(events)).toContain('node1');
    },
  );
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
  return host;
}

async function address(host: MemoryHost, node: string) {
  const events: KubeadmEvent[] = [];
  const { signal } = new AbortController();
  const emit = (event: KubeadmEvent) => events.push(event);
  const options = { clock: host.clock, emit, signal, timeoutMs: 60_000, topic: 'join' };
  const outcome = await readAdvertiseAddress(host.kube(kubeconfig), node, options).catch(messageOf);
  return { outcome, events, milliseconds: host.clock.monotonic() };
}

describe('readAdvertiseAddress', () => {
  test('the advertise address is the host of the annotation', async () => {
    expect(await address(withPod('node1', '10.0.0.5:6443'), 'node1')).toMatchObject({
      outcome: '10.0.0.5',
      events: [],
    });
    expect((await address(withPod('node1', '[fd00::5]:6443'), 'node1')).outcome).toBe('fd00::5');
  });

  test.each([
    ['429', new KubeApiError(429, 'TooManyRequests', 'too many requests')],
    ['503', new KubeApiError(503, 'ServiceUnavailable', 'apiserver is shutting down')],
    ['a connection that is reset', new NetError('reset', 'ECONNRESET')],
  ])('retries after %s, and reports the wait', async (_, error) => {
    const host = withPod('node1', '10.0.0.5:6443');
    let refusals = 3;
    host.api.intercept = () => (refusals-- > 0 ? error : undefined);
    const { outcome, events } = await address(host, 'node1');
    expect(outcome).toBe('10.0.0.5');
    const what = 'the API endpoint of node node1';
    expect(events).toMatchObject([
      { type: 'waiting', topic: 'join', for: what, timeoutMs: 60_000 },
      { type: 'waited', topic: 'join', for: what },
    ]);
  });

  test('the advertise address is waited for until the mirror Pod exists', async () => {
    const host = withPod('other', '10.0.0.6:6443');
    let asked = 0;
    host.api.intercept = () => {
      asked += 1;
      const pod = { apiVersion: 'v1', kind: 'Pod', name: 'kube-apiserver-other', namespace: 'kube-system' };
      if (asked === 5) host.api.update({ ...host.api.get(pod), spec: { nodeName: 'node1' } });
      return undefined;
    };
    expect((await address(host, 'node1')).outcome).toBe('10.0.0.6');
    expect(asked).toBe(5);
  });

  test('fails after the time limit, and immediately for an annotation that is not an endpoint', async () => {
    const absent = await address(withPod('node1', '10.0.0.5:6443'), 'node2');
    expect(absent.outcome).toMatch(/node2.*0 kube-apiserver Pods/);
    expect(absent.milliseconds).toBe(60_000);
    expect((await address(withPod('node1', undefined), 'node1')).outcome).toMatch(/annotation/);
    const odd = await address(withPod('node1', 'nonsense'), 'node1');
    expect(odd.outcome).toMatch(/"nonsense"/);
    expect(odd.milliseconds).toBe(0);
  });
});
