import { expect, test } from 'vitest';

import { parseHierarchies } from './cgroup.ts';

test('a hybrid machine has the version 1 hierarchies and the unified one, each once', () => {
  const mountinfo = [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
    '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate',
    '99 31 0:38 / /elsewhere rw - cgroup2 cgroup2 rw',
  ].join('\n');
  expect(parseHierarchies(mountinfo)).toEqual([
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['cpu', 'cpuacct'] },
    { mountPoint: '/sys/fs/cgroup/systemd', version: 1, controllers: ['name=systemd'] },
    { mountPoint: '/sys/fs/cgroup/unified', version: 2, controllers: [] },
  ]);
});

test('a machine with cgroup version 2 has the unified hierarchy alone', () => {
  const mountinfo =
    '30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';
  expect(parseHierarchies(mountinfo)).toEqual([
    { mountPoint: '/sys/fs/cgroup', version: 2, controllers: [] },
  ]);
});
