/** The contract of an API client, for the store of a machine in memory and for a real kube-apiserver. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { KubeClient, KubeObject } from '../../src/clients/kube/kube-client.ts';
import { reviewSelf } from '../../src/clients/kube/self-subject-review.ts';
import { waitFor } from '../../src/clients/kube/wait-for.ts';
import { KubeApiError } from '../../src/errors.ts';

const namespace = 'kube-system';
let counter = 0;

/** `connect` returns a client for an administrator of a cluster with its default namespaces. */
export function kubeContract(name: string, connect: () => KubeClient): void {
  describe(`kube ${name}`, () => {
    let client: KubeClient;
    let id: string;
    beforeEach(() => {
      client = connect();
      counter += 1;
      id = `contract-${counter}`;
    });
    afterEach(() => client.close());
    const ref = (suffix = '') => ({ apiVersion: 'v1', kind: 'ConfigMap', name: id + suffix, namespace });
    const configMap = (suffix = '', labels: Readonly<Record<string, string>> = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: id + suffix, namespace, labels: { run: id, ...labels } },
      data: { a: '1' },
    });
    const thrown = async (call: Promise<unknown>): Promise<unknown> =>
      await call.catch((error: unknown) => error);

    test('an object is created only once, and gets uid, version and time from the server', async () => {
      const created = await client.create(configMap());
      expect(created).toMatchObject(configMap());
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(created.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const read = await client.get(ref());
      expect(read).toMatchObject({ ...configMap(), metadata: { uid: created.metadata.uid } });
      const error = await thrown(client.create(configMap()));
      expect(error).toBeInstanceOf(KubeApiError);
      expect(error).toMatchObject({ code: 'kube-api', status: 409, reason: 'AlreadyExists' });
      expect((error as Error).message).toContain(`configmaps "${id}" already exists`);
    });

    test.each(['get', 'delete'] as const)('the verb %s of a missing object is NotFound', async (verb) => {
      const error = await thrown(client[verb](ref('-none')));
      expect(error).toMatchObject({ status: 404, reason: 'NotFound' });
      expect((error as Error).message).toContain(`configmaps "${id}-none" not found`);
    });

    test('update and patch of a missing object are NotFound', async () => {
      const versioned = { ...configMap(), metadata: { ...configMap().metadata, resourceVersion: '1' } };
      expect(await thrown(client.update(versioned))).toMatchObject({ status: 404, reason: 'NotFound' });
      expect(await thrown(client.patch(ref(), 'merge', {}))).toMatchObject({ status: 404 });
    });

    test('an update with an old version conflicts, and one with the current or no version succeeds', async () => {
      const first = await client.create(configMap());
      const second = await client.update({ ...first, data: { a: '2' } });
      expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
      expect(second.metadata.uid).toBe(first.metadata.uid);
      expect(await thrown(client.update({ ...first, data: { a: '3' } }))).toMatchObject({
        status: 409,
        reason: 'Conflict',
      });
      await client.update({ ...configMap(), data: { a: '4' } });
      expect((await client.get(ref())).data).toEqual({ a: '4' });
    });

    test('a merge patch sets, adds and removes fields', async () => {
      await client.create(configMap());
      const patch = { metadata: { labels: { added: 'x' } }, data: { a: null, b: '2' } };
      const patched = await client.patch(ref(), 'merge', patch);
      expect(patched.data).toEqual({ b: '2' });
      expect(patched.metadata.labels).toEqual({ run: id, added: 'x' });
      expect((await client.get(ref())).data).toEqual({ b: '2' });
    });

    test('a JSON patch applies all operations in order, or none', async () => {
      await client.create(configMap());
      const patched = await client.patch(ref(), 'json', [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'add', path: '/data/b', value: '2' },
        { op: 'add', path: '/metadata/labels/example.com~1c', value: '3' },
        { op: 'remove', path: '/data/a' },
      ]);
      expect(patched.data).toEqual({ b: '2' });
      expect(patched.metadata.labels).toEqual({ run: id, 'example.com/c': '3' });
      const refused = client.patch(ref(), 'json', [
        { op: 'add', path: '/data/d', value: '3' },
        { op: 'remove', path: '/data/none' },
      ]);
      expect(await thrown(refused)).toMatchObject({ status: 422, reason: 'Invalid' });
      expect((await client.get(ref())).data).toEqual({ b: '2' });
    });

    test('a strategic patch of a Node merges labels and replaces the list of taints', async () => {
      const node = { apiVersion: 'v1', kind: 'Node', name: id };
      await client.create({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: id, labels: { a: '1' } },
        spec: { taints: [{ key: 'old', effect: 'NoSchedule' }] },
      });
      const patched = await client.patch(node, 'strategic', {
        metadata: { labels: { b: '2' } },
        spec: { taints: [{ key: 'new', effect: 'NoSchedule' }] },
      });
      expect(patched.metadata.labels).toMatchObject({ a: '1', b: '2' });
      expect(patched.spec).toMatchObject({ taints: [{ key: 'new', effect: 'NoSchedule' }] });
      const { taints } = (await client.get(node)).spec as {
        readonly taints: readonly { readonly key: string }[];
      };
      expect(taints.map(({ key }) => key)).not.toContain('old');
      await client.delete(node);
      expect(await thrown(client.get(node))).toMatchObject({ status: 404 });
    });

    test('a list obeys namespace, labels, fields and limit, and every item has its type', async () => {
      await client.create(configMap('-a', { role: 'x' }));
      await client.create(configMap('-b', { role: 'y' }));
      await client.create({
        ...configMap('-c'),
        metadata: { ...configMap('-c').metadata, namespace: 'default' },
      });
      const names = async (options: Parameters<KubeClient['list']>[2]): Promise<readonly string[]> => {
        const { items } = await client.list('v1', 'ConfigMap', options);
        expect(items.every(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'ConfigMap')).toBe(true);
        return items.map(({ metadata }) => metadata.name.slice(id.length)).sort();
      };
      const run = `run=${id}`;
      expect(await names({ labelSelector: run })).toEqual(['-a', '-b', '-c']);
      expect(await names({ namespace, labelSelector: run })).toEqual(['-a', '-b']);
      expect(await names({ labelSelector: `${run},role` })).toEqual(['-a', '-b']);
      expect(await names({ labelSelector: `${run},!role` })).toEqual(['-c']);
      expect(await names({ labelSelector: `${run},role in (x, z)` })).toEqual(['-a']);
      expect(await names({ labelSelector: `${run},role notin (x)` })).toEqual(['-b', '-c']);
      expect(await names({ labelSelector: `${run},role!=x` })).toEqual(['-b', '-c']);
      expect(await names({ labelSelector: run, fieldSelector: `metadata.name=${id}-b` })).toEqual(['-b']);
      expect(await names({ labelSelector: run, fieldSelector: `metadata.name!=${id}-b` })).toEqual([
        '-a',
        '-c',
      ]);
      expect((await client.list('v1', 'ConfigMap', { labelSelector: run, limit: 2 })).items).toHaveLength(2);
      expect(await names({ labelSelector: 'run=contract-none' })).toEqual([]);
    });

    test('objects of other API groups are created, read and deleted', async () => {
      const rbac = 'rbac.authorization.k8s.io/v1';
      const role = { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: id }, rules: [] };
      await client.create(role);
      const created = await client.create({
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: { name: id, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: id },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'g' }],
      });
      expect(created).toMatchObject({ kind: 'RoleBinding', metadata: { name: id, namespace } });
      await client.delete({ apiVersion: rbac, kind: 'RoleBinding', name: id, namespace });
      await client.delete({ apiVersion: rbac, kind: 'ClusterRole', name: id });
      for (const [apiVersion, kind] of [
        ['apps/v1', 'DaemonSet'],
        ['apps/v1', 'Deployment'],
        ['batch/v1', 'Job'],
        ['certificates.k8s.io/v1', 'CertificateSigningRequest'],
        ['discovery.k8s.io/v1', 'EndpointSlice'],
      ] as const) {
        expect((await client.list(apiVersion, kind, { labelSelector: `run=${id}` })).items).toEqual([]);
      }
    });

    test('a watch yields the existing objects, then every change, and ends with its signal', async () => {
      await client.create(configMap('-a'));
      await client.create(configMap('-b', { run: 'other' }));
      const stop = new AbortController();
      const seen: string[] = [];
      const options = { namespace, labelSelector: `run=${id}`, signal: stop.signal };
      for await (const { type, object } of client.watch('v1', 'ConfigMap', options)) {
        seen.push(`${type} ${object.metadata.name.slice(id.length)} ${JSON.stringify(object.data)}`);
        if (seen.length === 1) await client.create(configMap('-c'));
        if (seen.length === 2) await client.patch(ref('-c'), 'merge', { data: { a: '2' } });
        if (seen.length === 3) await client.delete(ref('-a'));
        if (seen.length === 4) stop.abort();
      }
      expect(seen).toEqual([
        'ADDED -a {"a":"1"}',
        'ADDED -c {"a":"1"}',
        'MODIFIED -c {"a":"2"}',
        'DELETED -a {"a":"1"}',
      ]);
    });

    test('a watch from the version of a list yields only later changes', async () => {
      await client.create(configMap('-a'));
      const selection = { namespace, labelSelector: `run=${id}` };
      const { items, resourceVersion } = await client.list('v1', 'ConfigMap', selection);
      expect(items.map(({ metadata }) => metadata.name)).toEqual([`${id}-a`]);
      expect(resourceVersion).toMatch(/^\d+$/);
      await client.create(configMap('-b'));
      await client.delete(ref('-a'));
      const stop = new AbortController();
      const seen: string[] = [];
      const options = { ...selection, resourceVersion, allowWatchBookmarks: true, signal: stop.signal };
      for await (const { type, object } of client.watch('v1', 'ConfigMap', options)) {
        expect(object.metadata.resourceVersion).toMatch(/^\d+$/);
        if (type === 'BOOKMARK') continue;
        seen.push(`${type} ${object.metadata.name.slice(id.length)}`);
        if (seen.length === 2) stop.abort();
      }
      expect(seen).toEqual(['ADDED -b', 'DELETED -a']);
    });

    test('a list that is read in pages is complete', async () => {
      for (const suffix of ['-a', '-b', '-c', '-d', '-e']) await client.create(configMap(suffix));
      const options = { namespace, labelSelector: `run=${id}`, pageSize: 2 };
      const { items } = await client.list('v1', 'ConfigMap', options);
      expect(items.map(({ metadata }) => metadata.name.slice(id.length))).toEqual([
        '-a',
        '-b',
        '-c',
        '-d',
        '-e',
      ]);
      const some = await client.list('v1', 'ConfigMap', { ...options, limit: 3 });
      expect(some.items).toHaveLength(3);
    });

    test('a wait ends with a matching change, at its deadline, or with its signal', async () => {
      await client.create(configMap());
      const clock = {
        monotonic: () => performance.now(),
        sleep: async (milliseconds: number, signal?: AbortSignal) =>
          await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
      };
      const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, fieldSelector: `metadata.name=${id}` };
      const isTwo = ([found]: readonly KubeObject[]): string | undefined =>
        JSON.stringify(found?.data) === '{"a":"2"}' ? found?.metadata.uid : undefined;
      const options = { clock, what: 'a two', timeoutMs: 30_000 };
      const waiting = waitFor(client, query, isTwo, options);
      await sleep(200);
      const { metadata } = await client.patch(ref(), 'merge', { data: { a: '2' } });
      expect(await waiting).toBe(metadata.uid);
      const never = (): undefined => undefined;
      const late = waitFor(client, query, never, { ...options, timeoutMs: 300 });
      await expect(late).rejects.toThrow(/^waited 0\.\ds for a two/);
      const signal = AbortSignal.timeout(100);
      expect(await thrown(waitFor(client, query, never, { ...options, signal }))).toBe(signal.reason);
    });

    test('the server returns the user of the client', async () => {
      const { username, groups } = await reviewSelf(client);
      expect(username).toBe('tester');
      expect(groups).toContain('system:authenticated');
    });

    test('a call whose signal is aborted fails with its reason', async () => {
      const signal = AbortSignal.abort(new Error('told to stop'));
      for (const call of [
        client.get(ref(), { signal }),
        client.list('v1', 'ConfigMap', { signal }),
        client.create(configMap(), { signal }),
        client.raw('/livez', { signal }),
      ]) {
        expect(await thrown(call)).toBe(signal.reason);
      }
      expect(await thrown(client.get(ref()))).toMatchObject({ status: 404 });
    });

    test('a watched object that leaves the selection is reported as deleted', async () => {
      await client.create(configMap());
      const stop = new AbortController();
      const seen: string[] = [];
      const options = { namespace, labelSelector: `run=${id}`, signal: stop.signal };
      for await (const { type } of client.watch('v1', 'ConfigMap', options)) {
        seen.push(type);
        if (seen.length === 1) await client.patch(ref(), 'merge', { metadata: { labels: { run: 'away' } } });
        if (seen.length === 2) await client.patch(ref(), 'merge', { metadata: { labels: { run: id } } });
        if (seen.length === 3) stop.abort();
      }
      expect(seen).toEqual(['ADDED', 'DELETED', 'ADDED']);
    });

    test('raw returns health and version, and also the status of an unknown path', async () => {
      for (const path of ['/livez', '/readyz', '/healthz']) {
        expect(await client.raw(path)).toEqual({ status: 200, body: 'ok' });
      }
      expect(JSON.parse((await client.raw('/version')).body)).toMatchObject({ major: '1', minor: '36' });
      expect((await client.raw('/none')).status).toBe(404);
    });
  });
}
