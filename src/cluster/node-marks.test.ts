import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { controlPlaneLabels, formatTaint, markNode, nodePatch } from './node-marks.ts';

const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const notReady = {
  key: 'node.kubernetes.io/not-ready',
  effect: 'NoSchedule',
  timeAdded: '2026-01-01T00:00:00Z',
};

function node(labels: Record<string, string>, taints: readonly object[]) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'cp1', labels }, spec: { taints } };
}

describe('nodePatch', () => {
  test('adds the labels, and puts the new taints before the existing ones', () => {
    expect(nodePatch(node({}, [notReady]), { labels: controlPlaneLabels, taints: [taint] })).toEqual({
      metadata: {
        labels: {
          'node-role.kubernetes.io/control-plane': '',
          'node.kubernetes.io/exclude-from-external-load-balancers': '',
        },
      },
      spec: { taints: [taint, notReady] },
    });
  });

  test('is empty for a node that has all labels and taints', () => {
    const labels = Object.fromEntries(controlPlaneLabels.map((label) => [label, '']));
    expect(nodePatch(node(labels, [taint]), { labels: controlPlaneLabels, taints: [taint] })).toEqual({});
    expect(nodePatch(node(labels, [notReady]), { labels: controlPlaneLabels, taints: [] })).toEqual({});
  });
});

describe('markNode', () => {
  test('waits for the Node and its hostname label', async () => {
    const host = createMemoryHost();
    const client = host.kube(adminKubeconfig);
    const bare = node({}, [notReady]);
    const changes = [
      { at: 4000, make: () => host.api.create(bare) },
      { at: 6000, make: () => host.api.update(node({ 'kubernetes.io/hostname': 'cp1' }, [notReady])) },
    ];
    const sleep: typeof host.clock.sleep = async (milliseconds, signal) => {
      await host.clock.sleep(milliseconds, signal);
      if (host.clock.monotonic() >= (changes[0]?.at ?? Number.POSITIVE_INFINITY)) changes.shift()?.make();
    };
    const policy = { clock: { ...host.clock, sleep }, timeoutMs: 60_000 };
    const marks = { labels: controlPlaneLabels, taints: [taint] };
    expect(await markNode(client, 'cp1', marks, policy)).toBe(true);
    expect(host.clock.monotonic()).toBeLessThan(6500);
    const marked = host.api.get({ apiVersion: 'v1', kind: 'Node', name: 'cp1' });
    expect(marked.spec).toEqual({ taints: [taint, notReady] });
    // The Node is watched instead of polled.
    expect(host.api.requests.map(({ verb }) => verb)).toEqual(['get', 'list', 'watch', 'patch']);
    expect(Object.keys(marked.metadata.labels ?? {})).toHaveLength(3);
  });

  test('fails for a Node that does not appear, and returns false for one without the hostname label', async () => {
    const host = createMemoryHost();
    const client = host.kube(adminKubeconfig);
    const policy = { clock: host.clock, timeoutMs: 60_000 };
    const marks = { labels: [], taints: [] };
    await expect(markNode(client, 'cp1', marks, policy)).rejects.toThrow(
      'waited 1m0s for Node cp1 to be marked: nodes "cp1" not found',
    );
    host.api.create(node({}, []));
    expect(await markNode(client, 'cp1', marks, policy)).toBe(false);
  });
});

test('markNode waits for the Node until the time limit has passed that began later', async () => {
  const host = createMemoryHost();
  const client = host.kube(adminKubeconfig);
  const began = Promise.withResolvers<void>();
  const sleep: typeof host.clock.sleep = async (milliseconds, signal) => {
    await host.clock.sleep(milliseconds, signal);
    if (host.clock.monotonic() >= 10_000) began.resolve();
    const isMissing = host.api.find({ apiVersion: 'v1', kind: 'Node', name: 'cp1' }) === undefined;
    if (host.clock.monotonic() >= 65_000 && isMissing)
      host.api.create(node({ 'kubernetes.io/hostname': 'cp1' }, []));
  };
  const policy = { clock: { ...host.clock, sleep }, timeoutMs: 60_000, limitStart: began.promise };
  expect(await markNode(client, 'cp1', { labels: controlPlaneLabels, taints: [] }, policy)).toBe(true);
});

test('taints have the form of kubectl', () => {
  expect(formatTaint(taint)).toBe('node-role.kubernetes.io/control-plane:NoSchedule');
  expect(formatTaint({ key: 'a', value: 'b', effect: 'NoExecute' })).toBe('a=b:NoExecute');
});
