import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { gatherCgroups } from './cgroups.ts';

const config = '/var/lib/kubelet/config.yaml';

function look(files: Readonly<Record<string, string>>, driver: 'systemd' | 'cgroupfs' | undefined) {
  const host = createMemoryHost({ files });
  host.runtime.settings = { cgroupDriver: 'systemd' };
  host.runtime.cgroupDriver = driver;
  return gatherCgroups(host, host.cri('unix:///run/containerd/containerd.sock'));
}

test('the look at cgroups has both drivers, and whether the runtime tells its own', async () => {
  expect(await look({ [config]: 'cgroupDriver: systemd\n' }, 'systemd')).toEqual({
    kubelet: 'systemd',
    runtime: 'systemd',
    isTaken: true,
  });
  expect(await look({ [config]: 'kind: KubeletConfiguration\n' }, undefined)).toEqual({
    kubelet: 'cgroupfs',
    runtime: 'systemd',
    isTaken: false,
  });
});

test('the driver of the kubelet is not known without its configuration, or if an argument sets it', async () => {
  const unknown = { runtime: 'systemd', isTaken: false };
  expect(await look({}, undefined)).toEqual(unknown);
  const files = {
    [config]: 'cgroupDriver: systemd\n',
    '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--cgroup-driver=cgroupfs\n',
  };
  expect(await look(files, undefined)).toEqual(unknown);
});

test('nothing is known of cgroups if the runtime does not answer', async () => {
  const host = createMemoryHost();
  host.runtime.reachable = false;
  expect(await gatherCgroups(host, host.cri('unix:///run/x.sock'))).toBeUndefined();
});
