import { expect, test } from 'vitest';
import { findCauses } from '../diagnose.ts';
import { facts, machine, running } from '../facts.fixture.ts';
import type { Facts, MachineFacts, NodeFacts } from '../facts.ts';
import { journalFailures } from '../gather/journal.ts';
import { diskPressure } from './disk-pressure.ts';

const since = Date.parse('2026-01-02T03:00:00Z');

/** A Node as the kubelet of 1.36.2 reports it. */
const node = (reason: string, type = 'DiskPressure'): NodeFacts => ({
  name: 'w1',
  exists: true,
  problems: [{ type, reason, message: 'kubelet has disk pressure', since }],
});

const on = (changes: Partial<MachineFacts>, more: Partial<Facts> = {}): Facts =>
  facts({ components: running, machine: machine(changes), ...more });

/** Lines of the journal of a kubelet 1.36.2. */
const evicts = (resource: string) =>
  journalFailures(
    [
      `I1201 08:00:00.000000     217 eviction_manager.go:392] "Eviction manager: must evict pod(s) to reclaim" resourceName="${resource}"`,
    ],
    0,
  );

test('a Node with the condition DiskPressure has one finding, with the time of the condition', () => {
  const found = findCauses(on({ node: node('KubeletHasDiskPressure') }));
  expect(found).toMatchObject([{ rule: 'disk-pressure', certainty: 'likely', since }]);
});

test('a Node whose kubelet is silent has no disk pressure', () => {
  const found = findCauses(on({ node: node('NodeStatusUnknown') }));
  expect(found.map(({ rule }) => rule)).toEqual(['node-condition']);
});

test('disk pressure does not hide that the Node is not ready', () => {
  const pressed = node('KubeletHasDiskPressure').problems;
  const notReady = node('KubeletNotReady', 'Ready').problems;
  const both = { name: 'w1', exists: true, problems: [...pressed, ...notReady] };
  expect(findCauses(on({ node: both })).map(({ rule }) => rule)).toEqual(['disk-pressure', 'node-condition']);
});

test('the journal counts if the Node cannot be read, and only for the disk', () => {
  expect(diskPressure.find(on({}, evicts('ephemeral-storage')))).toMatchObject([{ certainty: 'likely' }]);
  expect(diskPressure.find(on({}, evicts('inodes')))).toMatchObject([
    {
      summary: expect.stringContaining('too few free inodes'),
      remedy: { commands: [expect.stringContaining('df -i /var/lib/kubelet')] },
    },
  ]);
  expect(diskPressure.find(on({}, evicts('memory')))).toEqual([]);
  const healed = { name: 'w1', exists: true, problems: [] };
  expect(diskPressure.find(on({ node: healed }, evicts('ephemeral-storage')))).toEqual([]);
});

test('a full file system is the cause of its disk pressure', () => {
  const full = { path: '/var/lib/kubelet', mountPoint: '/', freeBytes: 0, readOnly: false, noExec: false };
  const found = findCauses(on({ node: node('KubeletHasDiskPressure'), fileSystems: [full] }));
  expect(found.map(({ rule }) => rule)).toEqual(['disk-full']);
});
