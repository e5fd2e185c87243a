import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownRelease } from '../releases/index.ts';
import type { KnownKind } from './schema.ts';
import { StrategicPatchError, strategicMerge } from './strategic-merge.ts';

const merge = (original: object, patch: unknown, kind: KnownKind) =>
  strategicMerge(original, patch, { kind, types: ownRelease.objectTypes });

const pod = () => ({
  metadata: { labels: { a: '1', b: '2' }, finalizers: ['x', 'y', 'z'] },
  spec: {
    containers: [
      { name: 'one', image: 'i1', env: [{ name: 'A', value: '1' }], command: ['a', 'b'] },
      { name: 'two', image: 'i2' },
    ],
    volumes: [
      { name: 'v', hostPath: { path: '/v' } },
      { name: 'w', emptyDir: {} },
    ],
    tolerations: [{ key: 'a' }],
  },
});
const merged = (patch: unknown) => merge(pod(), patch, 'Pod');
const spec = (patch: unknown) => merged({ spec: patch }).spec as Record<string, unknown>;

describe('strategicMerge', () => {
  test('merges lists by the key of their elements, new ones first in the order of the patch', () => {
    const containers = [{ name: 'two', image: 'new' }, { name: 'three' }];
    expect(spec({ containers }).containers).toEqual([
      pod().spec.containers[0],
      { name: 'two', image: 'new' },
      { name: 'three' },
    ]);
    const env = [
      { name: 'B', value: '2' },
      { name: 'A', value: '3' },
    ];
    expect(spec({ containers: [{ name: 'one', env }] }).containers).toMatchObject([{ env }, { name: 'two' }]);
  });

  test('replaces lists that have no key', () => {
    expect(spec({ tolerations: [{ key: 'b' }] }).tolerations).toEqual([{ key: 'b' }]);
    expect(spec({ containers: [{ name: 'one', command: ['c'] }] }).containers).toMatchObject([
      { command: ['c'] },
      {},
    ]);
  });

  test('removes with null, and keeps no null of a new value', () => {
    expect(merged({ metadata: { labels: { a: null }, annotations: { n: null, m: 'x' } } }).metadata).toEqual({
      labels: { b: '2' },
      annotations: { m: 'x' },
      finalizers: ['x', 'y', 'z'],
    });
  });

  test('obeys $patch in maps and lists', () => {
    expect(merged({ metadata: { labels: { $patch: 'replace', c: '3' } } }).metadata).toMatchObject({
      labels: { c: '3' },
    });
    expect(merged({ metadata: { labels: { $patch: 'delete' } } }).metadata).toMatchObject({ labels: {} });
    expect(spec({ volumes: [{ name: 'v', $patch: 'delete' }, { name: 'u' }] }).volumes).toEqual([
      { name: 'u' },
      { name: 'w', emptyDir: {} },
    ]);
    expect(spec({ volumes: [{ $patch: 'replace' }, { name: 'u' }] }).volumes).toEqual([{ name: 'u' }]);
  });

  test('says nothing with a $patch for something that is not there', () => {
    expect(spec({ securityContext: { $patch: 'delete' } })).not.toHaveProperty('securityContext');
  });

  test('obeys $retainKeys, so that one kind of volume can take the place of another', () => {
    const volumes = [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }];
    expect(spec({ volumes }).volumes).toEqual([
      { name: 'v', emptyDir: {} },
      { name: 'w', emptyDir: {} },
    ]);
  });

  test('merges and deletes in lists of texts', () => {
    expect(merged({ metadata: { finalizers: ['n', 'y'] } }).metadata).toMatchObject({
      finalizers: ['n', 'x', 'y', 'z'],
    });
    expect(
      merged({ metadata: { '$deleteFromPrimitiveList/finalizers': ['y', 'q'] } }).metadata,
    ).toMatchObject({
      finalizers: ['x', 'z'],
    });
  });

  test('obeys $setElementOrder', () => {
    const order = { '$setElementOrder/containers': [{ name: 'two' }, { name: 'three' }, { name: 'one' }] };
    const containers = spec({ ...order, containers: [{ name: 'three' }] }).containers as { name: string }[];
    expect(containers.map(({ name }) => name)).toEqual(['two', 'three', 'one']);
  });

  test.each([
    [{ spec: { containers: [{ image: 'x' }] } }, '.spec.containers: an element has no "name"'],
    [{ spec: { $patch: 'other' } }, '.spec: $patch must be'],
    [{ spec: { containers: [{ name: 'one', $patch: 'merge' }] } }, '.spec.containers: $patch must be'],
    [{ spec: { containers: ['x'] } }, 'elements must all be of one type'],
    [
      { spec: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] } },
      '$retainKeys does not name',
    ],
    [
      { spec: { '$setElementOrder/containers': [{ name: 'one' }], containers: [{ name: 'four' }] } },
      'is not that of $setElementOrder',
    ],
    [['x'], 'must be an object'],
  ])('refuses %j', (patch, message) => {
    expect(() => merged(patch)).toThrow(StrategicPatchError);
    expect(() => merged(patch)).toThrow(message);
  });

  test('knows the lists of other kinds', () => {
    const node = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } };
    // taints have no merge key in the API: a patch replaces them.
    expect(merge(node, { spec: { taints: [{ key: 'b' }] } }, 'Node').spec).toEqual({
      taints: [{ key: 'b' }],
    });
    const deployment = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(merge(deployment, patch, 'Deployment').spec).toEqual({ strategy: { type: 'Recreate' } });
    const kubelet = { clusterDNS: ['a'], featureGates: { A: true } };
    expect(merge(kubelet, { clusterDNS: ['b'], featureGates: { B: false } }, 'KubeletConfiguration')).toEqual(
      { clusterDNS: ['b'], featureGates: { A: true, B: false } },
    );
  });

  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
  const env = names.map((each) => each.map((name) => ({ name, value: name.toUpperCase() })));
  const containers = fc
    .tuple(
      names,
      fc.array(env, { minLength: 5, maxLength: 5 }),
      fc.array(fc.string(), { minLength: 5, maxLength: 5 }),
    )
    .map(([each, envs, images]) =>
      each.map((name, index) => ({ name, image: images[index] ?? '', env: envs[index] ?? [] })),
    );

  test('turns any list into any other with the patch between them', () => {
    fc.assert(
      fc.property(containers, containers, (from, to) => {
        const patch = { spec: diff(from, to) };
        expect(merge({ spec: { containers: from } }, patch, 'Pod')).toEqual({
          spec: { containers: to },
        });
      }),
    );
  });

  test('leaves an object alone when there is nothing to patch', () => {
    fc.assert(
      fc.property(containers, (each) => {
        const object = { spec: { containers: each } };
        expect(merge(object, {}, 'Pod')).toEqual(object);
        expect(merge(object, object, 'Pod')).toEqual(object);
      }),
    );
  });
});

interface TestContainer {
  readonly name: string;
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

/** As a client makes it: deletions, what is new or different, and the order of the result. */
function diff(from: readonly TestContainer[], to: readonly TestContainer[]) {
  const changed = to.map(({ name, image, env }) => {
    const before = from.find((each) => each.name === name);
    if (before === undefined) return { name, image, env };
    return { name, image, ...keyed('env', before.env, env) };
  });
  return keyed('containers', from, to, changed);
}

function keyed(
  field: string,
  from: readonly { readonly name: string }[],
  to: readonly { readonly name: string }[],
  changed: readonly object[] = to,
) {
  const deleted = from.filter(({ name }) => !to.some((each) => each.name === name));
  return {
    [`$setElementOrder/${field}`]: to.map(({ name }) => ({ name })),
    [field]: [...changed, ...deleted.map(({ name }) => ({ name, $patch: 'delete' }))],
  };
}
