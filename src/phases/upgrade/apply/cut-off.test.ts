import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../../../events.ts';
import type { MemoryHost } from '../../../host/memory/index.ts';
import { machineOf, remainsOf } from '../../../run-record/machine.fixture.ts';
import { type ControlPlane, controlPlane, liveControlPlane } from '../machine.fixture.ts';
import { all, kinds, messageOf, recordFile, running, text, upgrade } from './run.fixture.ts';

const serviceAccountKey = '/etc/kubernetes/pki/sa.key';

/** The machine of a run that was cut off when it had written the manifest of an API server that fails. */
async function brokenApiServer(): Promise<{
  readonly before: string | undefined;
  readonly next: ControlPlane;
}> {
  const live = await controlPlane();
  const before = live.manifest('kube-apiserver');
  live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
  live.host.gate.onWrite(({ kind, target }, count) => {
    if (kind === 'file' && target === '/etc/kubernetes/manifests/kube-apiserver.yaml')
      live.host.gate.crashAfter(count);
  });
  await upgrade(live);
  const next = liveControlPlane(machineOf(remainsOf(live.host), 9), 'v1.35.4', live.fails);
  return { before, next };
}

describe('upgrade apply', () => {
  test('completes the component that is being replaced before an interruption ends the run', async () => {
    const live = await controlPlane();
    const interrupt = new AbortController();
    const stop = (event: KubeadmEvent): void => {
      if (event.type === 'static-pod-swapping' && event.component === 'kube-apiserver')
        interrupt.abort(new Error('interrupted by SIGINT'));
    };
    const { error } = await upgrade(live, {}, stop, interrupt.signal);
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(running(live)).toMatchObject({ 'kube-apiserver': 'v1.36.2', 'kube-scheduler': 'v1.35.4' });
    expect(JSON.parse(text(live.host, recordFile) ?? '')).toMatchObject({ command: 'upgrade', swapping: {} });
    expect((await upgrade(live)).error).toBeUndefined();
    expect(running(live)).toMatchObject(all('v1.36.2'));
    expect(live.host.snapshot()[recordFile]).toBeUndefined();
  });

  test('puts back what a run that was cut off has left broken, before it asks the cluster', async () => {
    const { before, next } = await brokenApiServer();
    expect(next.host.api.reachable).toBe(false);
    const { error } = await upgrade(next);
    expect(messageOf(error)).toContain('these components run again');
    expect(next.manifest('kube-apiserver')).toBe(before);
    expect(next.host.api.reachable).toBe(true);
  });

  test('puts nothing back if the node belongs to another cluster since', async () => {
    const { next } = await brokenApiServer();
    const left = next.manifest('kube-apiserver');
    expect(JSON.parse(text(next.host, recordFile) ?? '').fingerprints).toHaveProperty([serviceAccountKey]);
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = serviceAccountKey.replace(/key$/, 'pub');
    next.host.disk.put({ [file]: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
    const events: KubeadmEvent[] = [];
    await upgrade(next, {}, (event) => void events.push(event));
    expect(events).toContainEqual(expect.objectContaining({ code: 'run-record-ignored' }));
    expect(next.manifest('kube-apiserver')).toBe(left);
  });

  test('completes the components that a run left, beside no other run, before an interruption ends it', async () => {
    const { before, next } = await brokenApiServer();
    const notes: number[] = [];
    next.host.gate.onWrite(({ kind, target }) => {
      if (kind !== 'file' || target !== '/etc/kubernetes/manifests/kube-apiserver.yaml') return;
      const names = Object.keys(next.host.snapshot('/run'));
      notes.push(names.filter((path) => path.includes('/kubeadm-run-')).length);
    });
    const interrupt = new AbortController();
    const stop = (event: KubeadmEvent): void => {
      if (event.type === 'waiting' && event.for.includes('restart kube-apiserver'))
        interrupt.abort(new Error('interrupted by SIGTERM'));
    };
    const { error, events } = await upgrade(next, {}, stop, interrupt.signal);
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(kinds(events)).toContain('static-pods-put-back');
    expect(next.manifest('kube-apiserver')).toBe(before);
    expect(JSON.parse(text(next.host, recordFile) ?? '')).toMatchObject({ swapping: {} });
    expect(notes).toEqual([1]);
  });

  test('removes no manifest of a component whose back-up is gone', async () => {
    const { next } = await brokenApiServer();
    const { host } = next;
    const current = next.manifest('kube-apiserver');
    await host.files.removeContents('/etc/kubernetes/tmp');
    const { error } = await upgrade(next);
    expect(next.manifest('kube-apiserver')).toBe(current);
    expect(messageOf(error)).toContain('the back-up of its manifest is missing');
    next.fails = () => false;
    host.runtime.sandboxes.clear();
    next.sync();
    expect((await upgrade(next)).error).toBeUndefined();
    expect(running(next)).toMatchObject(all('v1.36.2'));
  });

  test('completes an etcd whose back-up is gone', async () => {
    const live = await controlPlane();
    live.host.disk.put({ '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    live.host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'file' && target === '/etc/kubernetes/manifests/etcd.yaml')
        live.host.gate.crashAfter(count);
    });
    await upgrade(live, { patchesDir: '/patches' });
    const next = liveControlPlane(machineOf(remainsOf(live.host), 9), 'v1.35.4');
    await next.host.files.removeContents('/etc/kubernetes/tmp');
    expect((await upgrade(next, { patchesDir: '/patches' })).error).toBeUndefined();
    expect(running(next)).toMatchObject(all('v1.36.2'));
  });

  test('puts an etcd back that a run which was cut off has left running, but not answering', async () => {
    const live = await controlPlane();
    live.host.disk.put({ '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    const before = live.manifest('etcd');
    live.host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'file' && target === '/etc/kubernetes/manifests/etcd.yaml')
        live.host.gate.crashAfter(count);
    });
    await upgrade(live, { patchesDir: '/patches' });
    const next = liveControlPlane(machineOf(remainsOf(live.host), 9), 'v1.35.4');
    const { unreachable } = next.host.etcdCluster;
    unreachable.add('https://10.0.0.5:2379');
    next.host.gate.onWrite(() => {
      if (next.manifest('etcd') === before) unreachable.clear();
    });
    const { error } = await upgrade(next, { patchesDir: '/patches' });
    expect(messageOf(error)).toContain('kubeadm put the earlier manifests of etcd back');
    expect(next.manifest('etcd')).toBe(before);
    expect(JSON.parse(text(next.host, recordFile) ?? '')).toMatchObject({ swapping: {} });
  });

  test('keeps one copy of the data of etcd, however often a run fails', async () => {
    const live = await controlPlane();
    live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
    for (let tries = 0; tries < 3; tries += 1) {
      await upgrade(live);
      await live.host.clock.sleep(60_000);
    }
    const copies = Object.keys(live.host.snapshot('/etc/kubernetes/tmp')).filter((path) =>
      /kubeadm-backup-etcd-[-0-9]+\/etcd\/member\/db$/.test(path),
    );
    expect(copies).toHaveLength(1);
  });

  const db = '/var/lib/etcd/member/db';
  const aside = '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026-01-02-03-04-05-data-after-the-failure';

  /** A new etcd makes its data useless for the earlier one, which only starts with `data`. */
  function failsWithout(data: string | undefined, host: MemoryHost): ControlPlane['fails'] {
    return (component, manifest) => {
      if (component !== 'etcd') return false;
      if (manifest.includes('changed')) host.disk.put({ [db]: 'a newer format\n' });
      return text(host, db) !== data;
    };
  }

  /** A run that is cut off at a write while a new etcd has made its data useless for the earlier one. */
  async function cutOffWithNewerData(isCut: (write: string) => boolean): Promise<ControlPlane> {
    const live = await controlPlane();
    const { host } = live;
    host.disk.put({ '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    const data = text(host, db);
    live.fails = failsWithout(data, host);
    host.gate.onWrite(({ kind, target }, count) => {
      if (isCut(`${kind} ${target}`)) host.gate.crashAfter(count);
    });
    await upgrade(live, { patchesDir: '/patches' });
    const machine = machineOf(remainsOf(host), 9);
    return liveControlPlane(machine, 'v1.35.4', failsWithout(data, machine));
  }

  test('puts the data of etcd back that a run which was cut off has left useless', async () => {
    const next = await cutOffWithNewerData((write) => write === 'file /etc/kubernetes/manifests/etcd.yaml');
    const { error } = await upgrade(next, { patchesDir: '/patches' });
    expect(messageOf(error)).toContain('With the data of the back-up, etcd runs again');
    expect(next.host.api.reachable).toBe(true);
    next.fails = () => false;
    expect((await upgrade(next, { patchesDir: '/patches' })).error).toBeUndefined();
    expect(running(next)).toMatchObject(all('v1.36.2'));
  });

  test('keeps the data that etcd has written since its data was put back, if it fails once more', async () => {
    let isPutBack = false;
    const first = await cutOffWithNewerData((write) => {
      const isCut = isPutBack && write === 'file /etc/kubernetes/manifests/etcd.yaml';
      isPutBack ||= write === 'file /var/lib/etcd/member';
      return isCut;
    });
    const data = text(first.host, db);
    expect(text(first.host, `${aside}/member/db`)).toBe('a newer format\n');
    first.host.disk.put({ [db]: 'days later\n' });
    const next = liveControlPlane(first.host, 'v1.35.4', failsWithout(data, first.host));
    const { error } = await upgrade(next, { patchesDir: '/patches' });
    expect(messageOf(error)).toContain('With the data of the back-up, etcd runs again');
    expect(text(next.host, db)).toBe(data);
    expect(text(next.host, `${aside}/member/db`)).toBe('days later\n');
    expect(text(next.host, `${aside}-1/member/db`)).toBe('a newer format\n');
  });

  test.each([
    'remove /etc/kubernetes/manifests/etcd.yaml',
    `file ${aside}/member`,
    'file /var/lib/etcd/member',
  ])('completes putting the data of etcd back that was cut off after "%s"', async (cut) => {
    const next = await cutOffWithNewerData((write) => write === cut);
    expect(next.manifest('etcd')).toBeUndefined();
    const events: KubeadmEvent[] = [];
    let restoredFirst: string | undefined;
    await upgrade(next, { patchesDir: '/patches' }, (event) => {
      events.push(event);
      if (event.type === 'etcd-backed-up') restoredFirst ??= text(next.host, db);
    });
    expect(restoredFirst).not.toBe('a newer format\n');
    expect(restoredFirst).toBeDefined();
    next.fails = () => false;
    expect((await upgrade(next, { patchesDir: '/patches' })).error).toBeUndefined();
    expect(running(next)).toMatchObject(all('v1.36.2'));
  });
});
