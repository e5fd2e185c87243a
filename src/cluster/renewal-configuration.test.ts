import { beforeEach, describe, expect, test } from 'vitest';

import { renderText } from '../cli/render/text.ts';
import { NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { loadRenewalConfiguration, type RenewalSource } from './renewal-configuration.ts';

const kubeconfig = '/etc/kubernetes/admin.conf';
const source: RenewalSource = { kubeconfig, certificatesDir: '/etc/kubernetes/pki' };
const file = (clusterName: string) => `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
clusterName: ${clusterName}
certificatesDir: /elsewhere
encryptionAlgorithm: ECDSA-P256
`;

let host: MemoryHost;
let said: { stdout: string; stderr: string };
beforeEach(() => {
  host = createMemoryHost({
    files: { [kubeconfig]: formatKubeconfig(adminKubeconfig), '/root/kubeadm.yaml': file('by-file') },
  });
  host.api.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    data: { ClusterConfiguration: file('by-cluster') },
  });
  said = { stdout: '', stderr: '' };
});

async function load(changes: Partial<RenewalSource> = {}) {
  const emit = (event: KubeadmEvent) => {
    const rendered = renderText(event, 0);
    if (rendered !== undefined) said[rendered.stream] += rendered.text;
  };
  return await loadRenewalConfiguration(
    host,
    { ...source, ...changes },
    {
      emit,
      topic: 'renew',
      signal: new AbortController().signal,
    },
  );
}

describe('the configuration for renewals', () => {
  test('the configuration for renewals comes from the file, and the cluster gets no request', async () => {
    const cluster = await load({ configPath: '/root/kubeadm.yaml', certificatesDir: '/ignored' });
    expect(cluster).toMatchObject({ clusterName: 'by-file', certificatesDir: '/elsewhere' });
    expect(host.api.requests).toEqual([]);
    expect(said).toEqual({ stdout: '', stderr: '' });
  });

  test('the configuration for renewals comes from the cluster, except for certificatesDir', async () => {
    const cluster = await load();
    expect(cluster).toMatchObject({
      clusterName: 'by-cluster',
      encryptionAlgorithm: 'ECDSA-P256',
      certificatesDir: '/etc/kubernetes/pki',
    });
    expect(said.stderr).toBe('');
    expect(said.stdout.split('\n')).toEqual([
      '[renew] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
      "[renew] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.",
      '',
      '',
    ]);
    expect(await load({ certificatesDir: '' })).toMatchObject({ certificatesDir: '/elsewhere' });
  });

  test('renewals use the default configuration if the cluster does not answer, with a warning', async () => {
    host.api.reachable = false;
    expect(await load({ certificatesDir: '/pki' })).toMatchObject({
      clusterName: 'kubernetes',
      encryptionAlgorithm: 'RSA-2048',
      certificatesDir: '/pki',
    });
    expect(said.stdout).toContain(
      '[renew] Error reading configuration from the Cluster. Falling back to default configuration\n\n',
    );
    expect(said.stderr).toContain('connection refused');
  });

  test('renewals use the default configuration if a certificate of the connection has expired', async () => {
    host.api.intercept = () =>
      new NetError('https://10.0.0.5:6443: certificate has expired', 'CERT_HAS_EXPIRED');
    expect(await load()).toMatchObject({ clusterName: 'kubernetes' });
    expect(said.stderr).toContain('certificate has expired');
  });

  test('renewals use the default configuration without a kubeconfig, and send no request', async () => {
    await host.files.remove(kubeconfig);
    expect(await load()).toMatchObject({ clusterName: 'kubernetes', kubernetesVersion: 'v1.36.0' });
    expect(said).toEqual({ stdout: '', stderr: '' });
  });

  test('renewals use the default configuration if the kubeconfig is broken, with a warning', async () => {
    await host.files.write(kubeconfig, 'clusters: none', { mode: 0o600 });
    expect(await load()).toMatchObject({ clusterName: 'kubernetes' });
    expect(said.stdout).toBe('');
    expect(said.stderr).toContain(`the cluster is not asked for its configuration: ${kubeconfig}, line 1`);
  });
});
