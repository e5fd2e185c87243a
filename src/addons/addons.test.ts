import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { plainCluster } from '../manifests/manifest-input.fixture.ts';
import { loadPatches } from '../patches/index.ts';
import { releaseOf } from '../releases/index.ts';
import { applyCoredns, printCoredns } from './apply-coredns.ts';
import { applyKubeProxy, printKubeProxy } from './apply-kube-proxy.ts';
import { corednsConfigMap, corednsDeployment } from './coredns.ts';

const kubeProxy = { data: { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', mode: '' }, userSupplied: false };
const release = releaseOf(plainCluster.kubernetesVersion);
const endpoint = { advertiseAddress: '192.0.2.10', bindPort: 6443 };

function cluster(files: Record<string, string> = {}) {
  const host = createMemoryHost({ files });
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const client = host.kube(adminKubeconfig);
  const policy = { clock: host.clock, timeoutMs: 1000 };
  const find = (kind: string, name: string): KubeObject | undefined =>
    host.api.all().find((object) => object.kind === kind && object.metadata.name === name);
  const written = () =>
    host.api.requests
      .filter(({ verb }) => verb === 'create' || verb === 'update')
      .map(({ verb, kind, name }) => `${verb} ${kind} ${name}`);
  const coredns = { cluster: plainCluster, release, patches: undefined, emit };
  return { host, events, emit, client, policy, find, written, coredns };
}

describe('applyCoredns', () => {
  test('creates everything, in order', async () => {
    const { client, coredns, events, find, policy, written } = cluster();
    await applyCoredns(coredns, client, policy);
    expect(written()).toEqual([
      'create ConfigMap coredns',
      'create ClusterRole system:coredns',
      'create ClusterRoleBinding system:coredns',
      'create ServiceAccount coredns',
      'create Deployment coredns',
      'create Service kube-dns',
    ]);
    expect(find('Service', 'kube-dns')?.spec).toMatchObject({ clusterIP: '10.96.0.10' });
    expect(find('Deployment', 'coredns')).toMatchObject({ spec: { replicas: 2 }, status: {} });
    expect(find('ConfigMap', 'coredns')?.data).toEqual({
      Corefile: `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`,
    });
    expect(events).toEqual([{ type: 'addon-applied', addon: 'CoreDNS' }]);
  });

  test('ends in the same state when it is run again', async () => {
    const { client, coredns, find, policy } = cluster();
    await applyCoredns(coredns, client, policy);
    const before = find('Deployment', 'coredns')?.spec;
    await applyCoredns(coredns, client, policy);
    expect(find('Deployment', 'coredns')?.spec).toEqual(before);
  });

  test('keeps the number of replicas, and a Corefile that somebody has changed', async () => {
    const { client, coredns, find, host, policy } = cluster();
    host.api.create(corednsDeployment({ cluster: plainCluster, release }, 5));
    host.api.create({ ...corednsConfigMap(plainCluster), data: { Corefile: '.:53 { whoami }' } });
    await applyCoredns(coredns, client, policy);
    expect(find('Deployment', 'coredns')?.spec).toMatchObject({ replicas: 5 });
    expect(find('ConfigMap', 'coredns')?.data).toEqual({ Corefile: '.:53 { whoami }' });
  });

  test('writes its Corefile over an empty one, and refuses a ConfigMap without one', async () => {
    for (const [data, refused] of [
      [{ Corefile: '' }, false],
      [{ other: 'x' }, true],
    ] as const) {
      const { client, coredns, find, host, policy } = cluster();
      host.api.create({ ...corednsConfigMap(plainCluster), data });
      const applied = applyCoredns(coredns, client, policy);
      if (refused) await expect(applied).rejects.toThrow('has no key Corefile');
      else {
        await applied;
        expect(find('ConfigMap', 'coredns')).toMatchObject(corednsConfigMap(plainCluster));
      }
    }
  });

  test('refuses to choose between two Deployments', async () => {
    const { client, coredns, host, policy, written } = cluster();
    const first = corednsDeployment({ cluster: plainCluster, release }, 1);
    host.api.create(first);
    host.api.create({ ...first, metadata: { ...first.metadata, name: 'kube-dns' } });
    await expect(applyCoredns(coredns, client, policy)).rejects.toThrow('coredns, kube-dns');
    expect(written()).toEqual([]);
  });

  test('updates the Service when its address is taken', async () => {
    const { client, coredns, host, policy, written } = cluster();
    await applyCoredns(coredns, client, policy);
    host.api.intercept = ({ verb, kind }) =>
      verb === 'create' && kind === 'Service'
        ? new KubeApiError(422, 'Invalid', 'provided IP is already allocated')
        : undefined;
    await applyCoredns(coredns, client, policy);
    expect(written().at(-1)).toBe('update Service kube-dns');
  });

  test('lays the patches over the Deployment', async () => {
    const { client, coredns, emit, find, host, policy } = cluster({
      '/p/corednsdeployment.yaml': 'spec: {replicas: 1, bogus: 1}',
    });
    const patches = await loadPatches(host, '/p', emit);
    await applyCoredns({ ...coredns, patches }, client, policy);
    const spec = find('Deployment', 'coredns')?.spec;
    expect(spec).toMatchObject({ replicas: 1 });
    expect(spec).not.toHaveProperty('bogus');
  });
});

describe('applyKubeProxy', () => {
  const proxyEnvironment = [{ name: 'HTTP_PROXY', value: 'http://p' }];

  test('creates everything, signed and with the proxy variables', async () => {
    const { client, emit, find, policy, written } = cluster();
    await applyKubeProxy(
      { cluster: plainCluster, release, endpoint, kubeProxy, proxyEnvironment, emit },
      client,
      policy,
    );
    expect(written()).toEqual([
      'create ConfigMap kube-proxy',
      'create DaemonSet kube-proxy',
      'create ServiceAccount kube-proxy',
      'create ClusterRoleBinding kubeadm:node-proxier',
      'create Role kube-proxy',
      'create RoleBinding kube-proxy',
    ]);
    const configMap = find('ConfigMap', 'kube-proxy');
    expect(configMap?.metadata.labels).toEqual({ app: 'kube-proxy' });
    expect(configMap?.metadata.annotations).toEqual({
      // SHA-256 over both values, that of config.conf first.
      'kubeadm.kubernetes.io/component-config.hash': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const data = configMap?.data as Record<string, string>;
    expect(data['config.conf']).toBe('apiVersion: kubeproxy.config.k8s.io/v1alpha1\nmode: ""');
    expect(parseYaml(data['kubeconfig.conf'] ?? '')).toMatchObject({
      clusters: [{ cluster: { server: 'https://192.0.2.10:6443' } }],
      'current-context': 'default',
    });
    expect(find('DaemonSet', 'kube-proxy')).toMatchObject({
      spec: {
        template: { spec: { containers: [{ env: [{ name: 'NODE_NAME' }, { name: 'HTTP_PROXY' }] }] } },
      },
    });
  });

  test('does not sign settings of the user', async () => {
    const { client, emit, find, policy } = cluster();
    const own = { ...kubeProxy, userSupplied: true };
    const input = { cluster: plainCluster, release, endpoint, kubeProxy: own, proxyEnvironment, emit };
    await applyKubeProxy(input, client, policy);
    expect(find('ConfigMap', 'kube-proxy')?.metadata).not.toHaveProperty('annotations');
  });
});

describe('--print-manifest', () => {
  const kinds = (text: string) =>
    text
      .split('---\n')
      .slice(1)
      .map((each) => (parseYaml(each) as KubeObject).kind);

  test('prints the documents in order', () => {
    const coredns = printCoredns({
      cluster: plainCluster,
      release,
      patches: undefined,
      emit: () => undefined,
    });
    expect(kinds(coredns)).toEqual([
      'Deployment',
      'ConfigMap',
      'Service',
      'ClusterRole',
      'ClusterRoleBinding',
      'ServiceAccount',
    ]);
    const proxy = printKubeProxy({ cluster: plainCluster, release, endpoint, kubeProxy });
    expect(kinds(proxy)).toEqual([
      'ServiceAccount',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
      'ConfigMap',
      'DaemonSet',
    ]);
    expect(proxy).not.toContain('component-config.hash');
  });
});
