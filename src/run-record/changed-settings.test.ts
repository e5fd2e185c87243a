import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import { refusedChanges } from './changed-settings.ts';
import {
  apiServerKey,
  changesOf,
  config,
  cutAfter,
  init,
  machine,
  reset,
  withFiles,
} from './cut-off.fixture.ts';
import { machineOf } from './machine.fixture.ts';

const apiServerCertificate = '/etc/kubernetes/pki/apiserver.crt';
const apiServerManifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const admin = '/etc/kubernetes/admin.conf';

type Changes = Parameters<typeof config>[0];

/** Cuts an `init` off after the write of that file, and then runs it with the changed configuration. */
async function tryAgain(after: string, changes: Changes, first: Changes = {}) {
  const remains = await cutAfter(after, machine({ '/root/kubeadm.yaml': config(first) }));
  const host = machineOf(withFiles(remains, { '/root/kubeadm.yaml': config(changes) }), 2);
  return { host, remains, ...(await run(host, init)) };
}

describe('a setting that differs from that of the unfinished init', () => {
  test('is refused before any write if an existing file contains it', async () => {
    const { code, host, stderr } = await tryAgain(admin, {
      cluster: `apiServer: {certSANs: [other.example]}
clusterName: other
controlPlaneEndpoint: lb.example:6443
networking: {serviceSubnet: 10.1.0.0/16}`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain("the 'kubeadm init' of 2026-01-02T03:04:05.000Z did not end");
    expect(stderr).toContain(
      `  ClusterConfiguration.apiServer.certSANs was not set and is now other.example: it is part of ${apiServerCertificate}\n`,
    );
    expect(stderr).toMatch(/ClusterConfiguration\.clusterName was kubernetes and is now other: .*\.conf/);
    expect(stderr).toContain(
      'ClusterConfiguration.controlPlaneEndpoint was not set and is now lb.example:6443',
    );
    expect(stderr).toContain(
      'ClusterConfiguration.networking.serviceSubnet was 10.96.0.0/12 and is now 10.1.0.0/16',
    );
    expect(stderr).toContain("run 'kubeadm reset' first");
    expect(changesOf(host)).toEqual([]);
    expect((await run(host, reset)).code).toBe(0);
    expect((await run(host, init)).code).toBe(0);
  });

  test('is refused with the message in docs/cut-off-runs.md', async () => {
    const san = (name: string): Changes => ({ cluster: `apiServer: {certSANs: [${name}]}` });
    const { stderr } = await tryAgain(admin, san('api.example.org'), san('api.example.com'));
    const undated = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');
    const page = await readFile(path.resolve(import.meta.dirname, '../../docs/cut-off-runs.md'), 'utf8');
    const refusal = stderr.slice(stderr.indexOf('error: '), stderr.indexOf('To see the stack trace'));
    expect(refusal).toContain('certSANs');
    expect(undated(page)).toContain(undated(refusal));
  });

  test('is applied if no file contains it yet', async () => {
    const { code, host, stderr } = await tryAgain('/etc/kubernetes/pki/ca.crt', {
      cluster: 'apiServer: {certSANs: [other.example]}\nnetworking: {podSubnet: 10.1.0.0/16}',
    });
    expect(code, stderr).toBe(0);
    expect(host.snapshot()[apiServerManifest]?.text).toBeDefined();
  });

  test('is applied if each try writes its file again', async () => {
    const first = {
      init: 'nodeRegistration: {kubeletExtraArgs: [{name: nonsense, value: x}]}',
      cluster: 'apiServer: {extraArgs: [{name: bad, value: z}, {name: v, value: "2"}]}',
    };
    const { code, host, stderr, stdout } = await tryAgain(
      '/var/lib/kubelet/config.yaml',
      {
        init: 'nodeRegistration: {kubeletExtraArgs: [{name: v, value: "4"}]}',
        cluster: `apiServer:
  extraArgs: [{name: v, value: "2"}]
  extraEnvs: [{name: PASSWORD, value: hunter2}]
imageRepository: registry.example
dns: {disabled: true}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 50`,
      },
      first,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Taking up');
    const files = host.snapshot();
    expect(files[apiServerManifest]?.text).not.toContain('--bad');
    expect(files[apiServerManifest]?.text).toContain('registry.example');
    expect(files['/var/lib/kubelet/kubeadm-flags.env']?.text).not.toContain('nonsense');
    expect(files['/var/lib/kubelet/config.yaml']?.text).toContain('maxPods: 50');
  });

  test('is applied if it only controls the run', async () => {
    const remains = await cutAfter(apiServerKey);
    const changed = config({ init: 'timeouts: {kubernetesAPICall: 3m}\nskipPhases: [upload-certs]' });
    const host = machineOf(withFiles(remains, { '/root/kubeadm.yaml': changed }), 2);
    const flags = ['--ignore-preflight-errors', 'NumCPU', '--skip-phases', 'preflight,show-join-command'];
    const again = await run(host, [...init, ...flags, '--upload-certs']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Taking up') });
  });

  test('is refused for a data directory of etcd that contains foreign data', async () => {
    const remains = await cutAfter('/etc/kubernetes/pki/ca.crt');
    const changed = config({ cluster: 'etcd: {local: {dataDir: /data/etcd}}' });
    const texts = { '/root/kubeadm.yaml': changed, '/data/etcd/member/snap/db': 'foreign' };
    const host = machineOf(withFiles(remains, texts), 2);
    expect(await run(host, init)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[ERROR DirAvailable--data-etcd]'),
    });
    expect(changesOf(host)).toEqual([]);
  });

  test('is applied for a data directory of etcd that is empty', async () => {
    const { code, stderr } = await tryAgain('/etc/kubernetes/pki/ca.crt', {
      cluster: 'etcd: {local: {dataDir: /data/etcd}}',
    });
    expect(code, stderr).toBe(0);
  });

  test('is applied if only the order of a list differs', async () => {
    const { code, stderr } = await tryAgain(
      admin,
      { cluster: 'apiServer: {certSANs: [b.example, a.example]}' },
      { cluster: 'apiServer: {certSANs: [a.example, b.example]}' },
    );
    expect(code, stderr).toBe(0);
  });

  test('is refused for a subnet once the API server has started', async () => {
    const pods = (podSubnet: string): Changes => ({ cluster: `networking: {podSubnet: ${podSubnet}}` });
    const early = await tryAgain(apiServerKey, pods('10.1.0.0/16'), pods('10.244.0.0/16'));
    expect(early.code, early.stderr).toBe(0);
    const late = await tryAgain('/etc/kubernetes/kubelet.conf', pods('10.1.0.0/16'), pods('10.244.0.0/16'));
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot change it after its API server has started'),
    });
  });

  test('is refused for the endpoints of an external etcd once the API server may have started', async () => {
    const external = { endpoints: ['https://10.0.0.7:2379'], caFile: '/x/ca.crt' };
    const before = { ClusterConfiguration: { etcd: { external } } };
    const local = { ClusterConfiguration: { etcd: { local: { dataDir: '/var/lib/etcd' } } } };
    const otherCA = { ClusterConfiguration: { etcd: { external: { ...external, caFile: '/y/ca.crt' } } } };
    const late = machine({ [apiServerManifest]: 'any' });
    expect(await refusedChanges(machine(), before, local)).toEqual([]);
    expect(await refusedChanges(late, before, otherCA)).toEqual([]);
    expect(await refusedChanges(late, before, local)).toEqual([
      {
        path: 'ClusterConfiguration.etcd.external.endpoints',
        before: 'https://10.0.0.7:2379',
        now: undefined,
        reasons: ['a cluster cannot change it after its API server has started'],
      },
    ]);
  });

  test('does not lead to the advice to reset while the API server of this node answers', async () => {
    const remains = await cutAfter('/etc/kubernetes/manifests/kube-scheduler.yaml');
    const changed = config({ cluster: 'clusterName: other' });
    const host = machineOf(withFiles(remains, { '/root/kubeadm.yaml': changed }), 2);
    host.machine.answers.set('https://10.0.0.5:6443/livez', { status: 403, body: '' });
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('The API server of this node may be in use');
    expect(stderr).not.toContain('kubeadm reset');
  });

  test('is applied for a bootstrap token, and the old token is named without its secret', async () => {
    const token = (id: string): Changes => ({ init: `bootstrapTokens: [{token: ${id}.0123456789abcdef}]` });
    const { code, stderr, stdout } = await tryAgain(admin, token('bbbbbb'), token('aaaaaa'));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("'kubeadm token delete aaaaaa' removes it");
    expect(stderr).not.toContain('0123456789abcdef');
    expect(stdout).toContain('--token bbbbbb.');
  });
});
