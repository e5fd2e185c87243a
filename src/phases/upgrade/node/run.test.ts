import { describe, expect, test } from 'vitest';

import type { KubeadmEvent } from '../../../events.ts';
import { createMemoryHost, type MemoryHost } from '../../../host/memory/index.ts';
import { runUpgradeApply } from '../apply/run.ts';
import { controlPlane } from '../machine.fixture.ts';
import { runUpgradeNode } from './run.ts';

const instanceFile = '/var/lib/kubelet/instance-config.yaml';
const environmentFile = '/var/lib/kubelet/kubeadm-flags.env';

const lines = (events: readonly KubeadmEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'progress' ? [event.message] : []));

/** A worker of an upgraded cluster, with the kubelet.conf of that cluster's first control plane. */
async function worker(files: Readonly<Record<string, string>> = {}): Promise<MemoryHost> {
  const { host: first } = await controlPlane();
  await runUpgradeApply(first, { version: 'v1.36.2', yes: true });
  const kept = Object.entries(first.snapshot()).filter(([path]) =>
    /^\/(?:boot|proc|sys)\/|kubelet\.conf$|\/var\/lib\/kubelet\//.test(path),
  );
  const machine = Object.fromEntries(
    kept.flatMap(([path, { text }]) => (text === undefined ? [] : [[path, text]])),
  );
  const host = createMemoryHost({
    hostname: 'cp1',
    files: { ...machine, ...files },
    programs: { kubelet: { stdout: 'Kubernetes v1.35.4\n' } },
  });
  for (const object of first.api.all()) host.api.put(object);
  host.machine.sockets.add('/var/run/containerd/containerd.sock');
  return host;
}

describe('upgrade node', () => {
  test('gives a worker the configuration of the cluster, and pulls nothing', async () => {
    const host = await worker({ '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n' });
    const events: KubeadmEvent[] = [];
    const result = await runUpgradeNode(host, {}, { record: ({ event }) => void events.push(event) });
    expect(result).toMatchObject({ controlPlane: false, kubernetesVersion: 'v1.36.2' });
    expect(lines(events)).toEqual(
      expect.arrayContaining([
        'Skipping prepull. Not a control plane node.',
        'Skipping phase. Not a control plane node.',
        'Skipping the addon/coredns phase. Not a control plane node.',
        'The kubelet configuration for this node was successfully upgraded!',
      ]),
    );
    expect(host.runtime.images.size).toBe(0);
    const files = host.snapshot();
    expect(files['/var/lib/kubelet/config.yaml']?.text).toContain('containerRuntimeEndpoint: unix:///');
    expect(files['/etc/kubernetes/tmp/kubeadm-kubelet-config-2026-01-02-03-04-05/config.yaml']?.text).toBe(
      'kind: KubeletConfiguration\n',
    );
  });

  test('moves the socket of an older node from the flags of the kubelet into a file', async () => {
    const host = await worker({
      [environmentFile]:
        'KUBELET_KUBEADM_ARGS="--v=2 --container-runtime-endpoint=unix:///run/old.sock --hostname-override=cp1"\n',
    });
    await host.files.remove(instanceFile);
    const node = { apiVersion: 'v1', kind: 'Node', name: 'cp1' };
    const annotation = 'kubeadm.alpha.kubernetes.io/cri-socket';
    host.api.patch(node, 'merge', { metadata: { annotations: { [annotation]: 'unix:///run/old.sock' } } });
    await runUpgradeNode(host, { ignorePreflightErrors: ['all'] });
    const files = host.snapshot();
    expect(files[instanceFile]?.text).toBe('containerRuntimeEndpoint: "unix:///run/old.sock"\n');
    expect(files[environmentFile]?.text).toBe('KUBELET_KUBEADM_ARGS="--hostname-override=cp1 --v=2"\n');
    expect(files['/var/lib/kubelet/config.yaml']?.text).toContain(
      'containerRuntimeEndpoint: unix:///run/old.sock',
    );
    expect(host.api.get(node).metadata.annotations ?? {}).not.toHaveProperty([annotation]);
  });

  test.each(['instance-config.yaml', 'kubeadm-flags.env'])(
    'keeps the socket of an older node if the run is cut off after %s was written',
    async (file) => {
      const host = await worker({
        [environmentFile]:
          'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/old.sock --hostname-override=cp1"\n',
      });
      await host.files.remove(instanceFile);
      host.gate.onWrite(({ kind, target }, count) => {
        if (kind === 'file' && target === `/var/lib/kubelet/${file}`) host.gate.crashAfter(count);
      });
      const request = { ignorePreflightErrors: ['all'] };
      await expect(runUpgradeNode(host, request)).rejects.toThrow('lost power');
      host.gate.restart();
      await host.files.removeContents('/run');
      await runUpgradeNode(host, request);
      const files = host.snapshot();
      expect(files[instanceFile]?.text).toBe('containerRuntimeEndpoint: "unix:///run/old.sock"\n');
      expect(files[environmentFile]?.text).toBe('KUBELET_KUBEADM_ARGS="--hostname-override=cp1"\n');
    },
  );

  test('keeps what the user wrote into the file of the node', async () => {
    const host = await worker({
      [instanceFile]: 'containerRuntimeEndpoint: unix:///run/own.sock\nmaxPods: 7\n',
    });
    await runUpgradeNode(host, { ignorePreflightErrors: ['all'] });
    expect(host.snapshot()['/var/lib/kubelet/config.yaml']?.text).toContain('maxPods: 7\n');
  });

  test('refuses flags of the kubelet that it cannot read, and names the file', async () => {
    const host = await worker({ [environmentFile]: 'OTHER=1\n' });
    await host.files.remove(instanceFile);
    await expect(runUpgradeNode(host, { ignorePreflightErrors: ['all'] })).rejects.toThrow(
      `${environmentFile} does not have the form that kubeadm writes`,
    );
  });

  test('upgrades the static Pods of another control plane to the version of the cluster', async () => {
    const live = await controlPlane();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeadm-config', namespace: 'kube-system' };
    const stored = JSON.stringify(live.host.api.get(ref)).replace('v1.35.4', 'v1.36.2');
    live.host.api.put(JSON.parse(stored));
    const result = await runUpgradeNode(live.host);
    expect(result).toMatchObject({ controlPlane: true, kubernetesVersion: 'v1.36.2' });
    expect(live.manifest('kube-scheduler')).toContain('kube-scheduler:v1.36.2');
  });

  test('keeps the members in the manifest of an etcd that joined, so that it does not restart', async () => {
    const live = await controlPlane();
    const path = '/etc/kubernetes/manifests/etcd.yaml';
    const joined = (live.manifest('etcd') ?? '').replace(
      /--initial-cluster=(\S+)\n/,
      '--initial-cluster=cp0=https://10.0.0.4:2380,$1\n    - --initial-cluster-state=existing\n',
    );
    await live.host.files.write(path, joined, { mode: 0o600 });
    const events: KubeadmEvent[] = [];
    await runUpgradeApply(
      live.host,
      { version: 'v1.36.2', yes: true },
      { record: ({ event }) => void events.push(event) },
    );
    expect(live.manifest('etcd')).toBe(joined);
    expect(events).toContainEqual({ type: 'static-pod-unchanged', component: 'etcd' });
  });
});
