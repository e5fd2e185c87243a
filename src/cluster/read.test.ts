import { describe, expect, test } from 'vitest';
import { clusterConfigurationYaml } from '../config/write.ts';
import { KubeApiError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { initInput } from '../phases/init/input.fixture.ts';
import { readClusterConfiguration } from './read.ts';

async function read(data: Readonly<Record<string, string>>) {
  const host = createMemoryHost();
  const metadata = { name: 'kubeadm-config', namespace: 'kube-system' };
  host.api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  const events: KubeadmEvent[] = [];
  const client = host.kube(adminKubeconfig);
  const cluster = await readClusterConfiguration(client, host, (event) => void events.push(event));
  return { cluster, events };
}

describe('readClusterConfiguration', () => {
  test('reads the configuration that init stored', async () => {
    const { cluster } = initInput({ cluster: { controlPlaneEndpoint: 'lb:6443' } });
    expect(await read({ ClusterConfiguration: clusterConfigurationYaml(cluster) })).toEqual({
      cluster,
      events: [],
    });
  });

  test('reads v1beta3, with its arguments as maps', async () => {
    const yaml =
      'apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.0\n' +
      'scheduler:\n  extraArgs: {v: "2", profiling: "false"}\n';
    expect((await read({ ClusterConfiguration: yaml })).cluster).toMatchObject({
      kubernetesVersion: 'v1.35.0',
      scheduler: {
        extraArgs: [
          { name: 'profiling', value: 'false' },
          { name: 'v', value: '2' },
        ],
      },
    });
  });

  test('warns of unknown fields and refuses wrong types, other versions and a missing key', async () => {
    const head = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n';
    const { events } = await read({ ClusterConfiguration: `${head}clusterNam: x\n` });
    expect(events).toMatchObject([{ type: 'warning', message: expect.stringContaining('clusterNam') }]);
    await expect(read({ ClusterConfiguration: `${head}clusterName: [x]\n` })).rejects.toThrow('clusterName');
    await expect(read({ ClusterConfiguration: head.replace('v1beta4', 'v1beta2') })).rejects.toThrow(
      'v1beta2',
    );
    await expect(read({})).rejects.toThrow('the key is missing');
  });

  test('fails within half a second with the last error', async () => {
    const host = createMemoryHost();
    const client = host.kube(adminKubeconfig);
    const read = readClusterConfiguration(client, host, () => undefined);
    await expect(read).rejects.toBeInstanceOf(KubeApiError);
    expect(host.clock.monotonic()).toBe(350);
  });
});
