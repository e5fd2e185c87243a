import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, withRuns } from '../facts.fixture.ts';
import { kernelLimit } from './kernel-limit.ts';

/** Lines of kube-proxy and kubelet 1.36.2 and containerd 2.1.9, started with these limits at 0. */
test.each([
  ['failed complete: too many open files', 'fs.inotify.max_user_instances'],
  ['Failed to start cAdvisor: inotify_init: too many open files', 'fs.inotify.max_user_instances'],
  [
    'failed to create CRI service: failed to create cni conf monitor for default: failed to create fsnotify watcher: too many open files',
    'fs.inotify.max_user_instances',
  ],
  ['failed complete: no space left on device', 'fs.inotify.max_user_watches'],
  [
    'Failed to start cAdvisor: inotify_add_watch /sys/fs/cgroup/cpuset/kubepods: no space left on device',
    'fs.inotify.max_user_watches',
  ],
  [
    'failed to create cni conf monitor for default: failed to watch cni conf dir /etc/cni/net.d: no space left on device',
    'fs.inotify.max_user_watches',
  ],
])('%s is the limit %s', (reason, sysctl) => {
  expect(kernelLimit(reason)?.sysctl).toBe(sysctl);
});

test.each([
  'open /var/lib/etcd/.touch: no space left on device',
  'Failed to create listener for podResources endpoint: socket: too many open files',
])('%s is not a limit of inotify', (reason) => {
  expect(kernelLimit(reason)).toBeUndefined();
});

test('a kubelet that may not watch more files is not blamed on the disk', () => {
  const log = [
    'E1201 13:00:54.143314      68 kubelet.go:1804] "Failed to start cAdvisor" err="inotify_add_watch /sys/fs/cgroup/kubepods.slice: no space left on device"',
  ];
  const runs = [1, 2].map(() => ({ exitCode: 1, log }));
  const kubelet = { state: 'activating', exitsEver: 2, exits: 2, runs };
  expect(diagnose(facts({ kubelet }))).toMatchObject([
    {
      summary: expect.stringContaining('no more inotify watches: fs.inotify.max_user_watches'),
      remedy: { kind: 'kernel-limit' },
    },
  ]);
});

test('the remedy of a component that may not watch more files is the sysctl', () => {
  const log = [
    'E1201 13:00:53.604670      62 run.go:72] "command failed" err="failed complete: too many open files"',
  ];
  expect(diagnose(withRuns('kube-scheduler', [{ log }, { log }]))).toMatchObject([
    {
      summary: expect.stringContaining('fs.inotify.max_user_instances'),
      remedy: { kind: 'kernel-limit', sysctl: 'fs.inotify.max_user_instances' },
    },
  ]);
});
