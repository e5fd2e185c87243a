import { expect, test } from 'vitest';
import { criPluginFault } from './cri-plugin.ts';

test.each([
  [
    'containerd 2.1 without its snapshotter',
    String.raw`time="2026-12-01T13:00:17.355427955Z" level=warning msg="failed to load plugin" error="unable to load CRI image service plugin dependency: failed to find snapshotter \"zfs\"" id=io.containerd.grpc.v1.cri type=io.containerd.grpc.v1`,
    'failed to find snapshotter "zfs"',
  ],
  [
    'containerd 2.1 that may not watch its CNI configuration',
    'time="2026-12-01T13:00:44.717773738Z" level=warning msg="failed to load plugin" error="failed to create CRI service: failed to create cni conf monitor for default: failed to create fsnotify watcher: too many open files" id=io.containerd.grpc.v1.cri type=io.containerd.grpc.v1',
    'failed to create CRI service: failed to create cni conf monitor for default: failed to create fsnotify watcher: too many open files (the kernel allows no more inotify instances: fs.inotify.max_user_instances)',
  ],
  [
    'containerd 1.7 with an old option',
    'time="2024-05-01T13:00:17.355Z" level=warning msg="failed to load plugin io.containerd.grpc.v1.cri" error="invalid plugin config: `systemd_cgroup` only works for runtime io.containerd.runtime.v1.linux"',
    'invalid plugin config: `systemd_cgroup` only works for runtime io.containerd.runtime.v1.linux',
  ],
])('the fault of the CRI plug-in is read from the log of %s', (_, line, fault) => {
  expect(criPluginFault(['time="x" level=info msg="starting"', line, 'last'])).toBe(fault);
});

test('a fault of another plug-in is not one of the CRI plug-in', () => {
  const line =
    'time="2026-12-01T13:00:17Z" level=warning msg="failed to load plugin" error="no zfs" id=io.containerd.snapshotter.v1.zfs type=io.containerd.snapshotter.v1';
  expect(criPluginFault([line])).toBeUndefined();
});
