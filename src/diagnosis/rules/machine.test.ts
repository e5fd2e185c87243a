import { expect, test } from 'vitest';
import { facts, machine, running } from '../facts.fixture.ts';
import type { FileSystemFacts } from '../facts.ts';
import { diskFull, loopbackDown, readOnlyFileSystem } from './machine.ts';

const healthy: FileSystemFacts = {
  path: '/var/lib/etcd',
  mountPoint: '/',
  freeBytes: 10 ** 9,
  freeInodes: 1000,
  readOnly: false,
  noExec: false,
};

function withDisk(changes: Partial<FileSystemFacts>, components = facts().components) {
  const fileSystems = [{ ...healthy, ...changes }];
  return facts({ machine: machine({ fileSystems }), ...(components === undefined ? {} : { components }) });
}

test('the rule for full disks names the directory and what is missing, bytes or inodes', () => {
  expect(diskFull.find(withDisk({ freeBytes: 4096 }))).toMatchObject([
    {
      component: '/var/lib/etcd',
      certainty: 'certain',
      summary: expect.stringMatching(/disk is full.*\/var\/lib\/etcd has 4096 bytes free/),
    },
  ]);
  expect(diskFull.find(withDisk({ freeInodes: 0 }))).toMatchObject([
    { summary: expect.stringContaining('has no inodes free') },
  ]);
  const { freeInodes: _, ...uncounted } = healthy;
  expect(diskFull.find(facts({ machine: machine({ fileSystems: [uncounted] }) }))).toEqual([]);
  expect(diskFull.find(withDisk({}))).toEqual([]);
});

test('a full disk of the logs is a certain cause if a component hangs for 15 s', () => {
  const found = (isHealthy: boolean, runsForMs: number) => {
    const health = [{ component: 'kube-apiserver', url: '', isHealthy, answers: isHealthy, answer: '' }];
    const fileSystems = [{ ...healthy, path: '/var/log/pods', freeBytes: 0 }];
    const components = running.map((one) => ({ ...one, runsForMs }));
    return diskFull.find(facts({ components, machine: machine({ fileSystems, health }) }))[0]?.certainty;
  };
  expect(found(false, 16_000)).toBe('certain');
  expect(found(false, 5_000)).toBe('likely');
  expect(found(true, 16_000)).toBe('likely');
});

test('the rule for full disks has one finding for each file system', () => {
  const full = { ...healthy, freeBytes: 0 };
  const fileSystems = [
    { ...full, path: '/etc/kubernetes' },
    full,
    { ...full, mountPoint: '/var/log', path: '/var/log' },
  ];
  const found = diskFull.find(facts({ machine: machine({ fileSystems }) }));
  expect(found.map(({ certainty, component }) => [component, certainty])).toEqual([
    ['/var/lib/etcd', 'certain'],
    ['/var/log', 'likely'],
  ]);
});

test('a full disk does not end a wait while every component runs', () => {
  expect(diskFull.find(withDisk({ freeBytes: 0 }, running))).toMatchObject([{ certainty: 'likely' }]);
});

test('the rule for read-only file systems names the mount', () => {
  const [found] = readOnlyFileSystem.find(
    withDisk({ path: '/var/lib/kubelet', mountPoint: '/var', readOnly: true }),
  );
  expect(found).toMatchObject({ certainty: 'certain', remedy: { commands: ['mount -o remount,rw /var'] } });
  expect(found?.summary).toContain('the file system /var of /var/lib/kubelet is mounted read-only');
});

test('the rule for loopback finds an interface that is down, and one without an address', () => {
  const find = (loopback: { up: boolean; hasAddress: boolean }) =>
    loopbackDown.find(facts({ machine: machine({ loopback }) }));
  expect(find({ up: false, hasAddress: true })).toMatchObject([
    { summary: expect.stringContaining('lo is down') },
  ]);
  expect(find({ up: true, hasAddress: false })).toMatchObject([
    { summary: expect.stringContaining('no address') },
  ]);
  expect(find({ up: true, hasAddress: true })).toEqual([]);
  expect(loopbackDown.find(facts())).toEqual([]);
});
