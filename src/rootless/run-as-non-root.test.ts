import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { etcdPod } from '../manifests/etcd.ts';
import { kubeApiserverPod } from '../manifests/kube-apiserver.ts';
import { kubeControllerManagerPod } from '../manifests/kube-controller-manager.ts';
import { localEtcd, plainInput } from '../manifests/manifest-input.fixture.ts';
import type { Pod } from '../manifests/pod.ts';
import { runAsNonRoot } from './run-as-non-root.ts';
import { deleteAccounts } from './system-accounts.ts';

const passwd = 'root:x:0:0:root:/root:/bin/bash\n';
const group = 'root:x:0:\n';
const pki = '/etc/kubernetes/pki';
const keys = ['sa.key', 'sa.pub', 'ca.key', 'apiserver.key', 'apiserver-kubelet-client.key'];
const more = ['front-proxy-client.key', 'apiserver-etcd-client.key', 'etcd/server.key', 'etcd/peer.key'];

function machine() {
  const secrets = Object.fromEntries(
    [...keys, ...more].map((key) => [`${pki}/${key}`, { data: 'k', mode: 0o600 }]),
  );
  return createMemoryHost({
    files: {
      '/etc/passwd': passwd,
      '/etc/group': group,
      '/etc/kubernetes/controller-manager.conf': { data: 'c', mode: 0o600 },
      '/var/lib/etcd/member/wal/0.wal': { data: 'w', mode: 0o600 },
      ...secrets,
    },
  });
}

async function run(pod: Pod, host = machine(), input = plainInput) {
  const result = await runAsNonRoot(pod, host, { input });
  const owners = Object.entries(host.snapshot())
    .filter(([, { uid, gid }]) => uid !== 0 || gid !== 0)
    .map(([path, { uid, gid, mode }]) => `${path} ${uid}:${gid} ${mode.toString(8)}`);
  return { result, owners };
}

describe('runAsNonRoot', () => {
  test('makes the user of kube-apiserver the owner of its files', async () => {
    const { result, owners } = await run(kubeApiserverPod(plainInput));
    expect(owners.toSorted()).toEqual([
      `${pki}/apiserver-etcd-client.key 101:101 600`,
      `${pki}/apiserver-kubelet-client.key 101:101 600`,
      `${pki}/apiserver.key 101:101 600`,
      `${pki}/front-proxy-client.key 101:101 600`,
      `${pki}/sa.key 0:104 640`,
      `${pki}/sa.pub 101:101 600`,
    ]);
    expect(result.spec.securityContext).toEqual({
      seccompProfile: { type: 'RuntimeDefault' },
      runAsUser: 101,
      runAsGroup: 101,
      supplementalGroups: [104],
    });
    expect(result.spec.containers[0]?.securityContext).toEqual({
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    });
  });

  test('ignores the CA key if the CA is external', async () => {
    const pod = kubeControllerManagerPod(plainInput);
    expect((await run(pod)).owners.some((line) => line.startsWith(`${pki}/ca.key 102:102`))).toBe(true);
    const { owners } = await run(pod, machine(), { ...plainInput, externalCA: true });
    expect(owners.some((line) => line.includes('ca.key'))).toBe(false);
  });

  test('makes the user of etcd the owner of its whole data directory', async () => {
    const { owners, result } = await run(etcdPod(plainInput, localEtcd));
    expect(owners.filter((line) => line.startsWith('/var/lib/etcd'))).toHaveLength(4);
    expect(owners).toContain('/var/lib/etcd/member/wal/0.wal 100:100 600');
    expect(result.spec.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('does not follow links in the data directory, but follows a link to that directory', async () => {
    const host = machine();
    host.disk.put({
      '/etc/shadow': { data: 's', mode: 0o600 },
      '/mnt/etcd/member/link': { link: '/etc/shadow' },
      '/mnt/etcd/member/folder': { link: '/etc' },
    });
    await host.files.removeTree('/var/lib/etcd');
    host.disk.put({ '/var/lib/etcd': { link: '/mnt/etcd' } });
    const { owners } = await run(etcdPod(plainInput, localEtcd), host);
    const outside = owners.filter((line) => !line.startsWith('/mnt/etcd') && !line.startsWith(pki));
    expect(outside).toEqual([]);
    expect(owners.filter((line) => line.startsWith('/mnt/etcd'))).toHaveLength(4);
  });
});

test('is undone by deleteAccounts', async () => {
  const host = machine();
  await run(kubeApiserverPod(plainInput), host);
  expect(await host.files.readText('/etc/passwd')).toContain('kubeadm-kas');
  await deleteAccounts(host.files);
  expect(await host.files.readText('/etc/passwd')).toBe(passwd);
  expect(await host.files.readText('/etc/group')).toBe(group);
});

describe('ensureAccounts', () => {
  test('completes a run that was cut off between its two files', async () => {
    const whole = machine();
    await run(kubeApiserverPod(plainInput), whole);
    const cut = machine();
    const files = {
      ...cut.files,
      write: async (...[path, content, options]: Parameters<typeof cut.files.write>) => {
        await cut.files.write(path, content, options);
        if (path === '/etc/passwd' || path === '/etc/group') throw new Error('cut off');
      },
    };
    await expect(
      runAsNonRoot(kubeApiserverPod(plainInput), { ...cut, files }, { input: plainInput }),
    ).rejects.toThrow('cut off');
    await run(kubeApiserverPod(plainInput), cut);
    for (const file of ['/etc/passwd', '/etc/group']) {
      expect(await cut.files.readText(file)).toBe(await whole.files.readText(file));
    }
  });
});
