import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../../../errors.ts';
import { type Component, controlPlane } from '../machine.fixture.ts';
import {
  all,
  components,
  kinds,
  messageOf,
  recordFile,
  running,
  storedVersion,
  text,
  upgrade,
} from './run.fixture.ts';

describe('upgrade apply', () => {
  test.each(components)(
    'puts the control plane back if the new %s does not run, and names the cause',
    async (name) => {
      const live = await controlPlane();
      const before = components.map(live.manifest);
      live.fails = (component: Component, manifest) => component === name && manifest.includes('v1.36.2');
      const start = live.host.clock.monotonic();
      const failed = await upgrade(live);
      expect(live.host.clock.monotonic() - start).toBeLessThan(30_000);
      expect(messageOf(failed.error)).toContain(
        `error execution phase control-plane: couldn't upgrade the control plane: `,
      );
      expect(messageOf(failed.error)).toContain('does not know the flag --nope');
      expect(messageOf(failed.error)).toContain('these components run again');
      expect(failed.error).toMatchObject({
        code: 'container-failed',
        hint: expect.stringContaining('in the ConfigMap kubeadm-config'),
        details: { problems: [], rule: 'unknown-flag', component: name },
      });
      expect(components.map(live.manifest)).toEqual(before);
      expect(running(live)).toMatchObject(all('v1.35.4'));
      expect(live.host.api.reachable).toBe(true);
      expect(storedVersion(live)).toBe('v1.35.4');
      live.fails = () => false;
      expect((await upgrade(live)).error).toBeUndefined();
      expect(running(live)).toMatchObject(all('v1.36.2'));
    },
  );

  test('puts a component back that runs and does not become healthy, and names it', async () => {
    const live = await controlPlane();
    const before = live.manifest('kube-scheduler');
    const url = 'https://127.0.0.1:10259/livez';
    const { answers } = live.host.machine;
    for (const asked of [
      'http://127.0.0.1:2381/health',
      'https://10.0.0.5:6443/livez?verbose',
      'https://127.0.0.1:10257/healthz?verbose',
    ]) {
      answers.set(asked, () => ({ status: 200, body: 'ok' }));
    }
    for (const asked of [url, `${url}?verbose`]) {
      answers.set(asked, () => {
        const isNew = live.manifest('kube-scheduler')?.includes('v1.36.2') === true;
        return { status: isNew ? 500 : 200, body: '' };
      });
    }
    const configText =
      'apiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\ntimeouts: {upgradeManifests: 20s}\n';
    const { error, events } = await upgrade(live, { configText });
    expect(messageOf(error)).toContain(`the likely cause is that kube-scheduler is not healthy at ${url}`);
    expect(error).toMatchObject({ details: { rule: 'not-healthy', problems: [] } });
    expect(live.manifest('kube-scheduler')).toBe(before);
    expect(kinds(events)).toContain('static-pods-put-back');
  });

  test('puts etcd back if it does not run with its new manifest', async () => {
    const live = await controlPlane();
    live.host.disk.put({ '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    const before = live.manifest('etcd');
    live.fails = (component, manifest) => component === 'etcd' && manifest.includes('changed');
    const failed = await upgrade(live, { patchesDir: '/patches' });
    expect(messageOf(failed.error)).toContain('does not know the flag --nope');
    expect(live.manifest('etcd')).toBe(before);
    expect(running(live)).toMatchObject(all('v1.35.4'));
    expect(kinds(failed.events)).toContain('static-pods-put-back');
  });

  test('puts the data of a single etcd back if the earlier etcd does not start without it', async () => {
    const live = await controlPlane();
    const { host } = live;
    host.disk.put({ '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    const db = '/var/lib/etcd/member/db';
    const data = text(host, db);
    live.fails = (component, manifest) => {
      if (component !== 'etcd') return false;
      if (manifest.includes('changed')) host.disk.put({ [db]: 'a newer format\n' });
      return text(host, db) !== data;
    };
    const failed = await upgrade(live, { patchesDir: '/patches' });
    expect(messageOf(failed.error)).toContain('With the data of the back-up, etcd runs again');
    expect(text(host, db)).toBe(data);
    expect(
      text(
        host,
        '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026-01-02-03-04-05-data-after-the-failure/member/db',
      ),
    ).toBe('a newer format\n');
    expect(host.api.reachable).toBe(true);
  });

  test('copies the manifests anew when an earlier try was put back', async () => {
    const live = await controlPlane();
    const { host } = live;
    live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
    await upgrade(live);
    await host.clock.sleep(60_000);
    const edited = `${live.manifest('kube-apiserver')}# edited\n`;
    const partial =
      '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026-01-02-03-04-05/.etcd.kubeadm-0123456789ab/db';
    host.disk.put({ '/etc/kubernetes/manifests/kube-apiserver.yaml': edited, [partial]: 'cut off\n' });
    live.sync();
    await upgrade(live);
    const copies = Object.entries(host.snapshot()).filter(([path]) => path.includes('/kubeadm-backup-manif'));
    expect(copies.map(([, file]) => file.text)).toContain(edited);
    expect(text(host, partial)).toBeUndefined();
  });

  test('puts the data of etcd back that it had when the last try began', async () => {
    const live = await controlPlane();
    const { host } = live;
    const db = '/var/lib/etcd/member/snap/db';
    host.disk.put({ [db]: 'first\n', '/patches/etcd.yaml': 'metadata: {annotations: {changed: "yes"}}\n' });
    live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
    await upgrade(live);
    await host.clock.sleep(60_000);
    host.disk.put({ [db]: 'days later\n' });
    live.fails = (component, manifest) => {
      if (component !== 'etcd') return false;
      if (manifest.includes('changed')) host.disk.put({ [db]: 'a newer format\n' });
      return text(host, db) !== 'days later\n';
    };
    const failed = await upgrade(live, { patchesDir: '/patches' });
    expect(messageOf(failed.error)).toContain('With the data of the back-up, etcd runs again');
    expect(text(host, db)).toBe('days later\n');
  });

  test('changes nothing if the back-up of etcd does not fit on the disk', async () => {
    const live = await controlPlane();
    const before = components.map(live.manifest);
    const host = {
      ...live.host,
      files: {
        ...live.host.files,
        copyTree: async () => {
          throw new KubeadmError('file', 'copy: no space left on device');
        },
      },
    };
    const { error } = await upgrade({ host });
    expect(messageOf(error)).toContain('no space left on device');
    expect(components.map(live.manifest)).toEqual(before);
  });

  test('refuses to go on while a component does not run with the manifest that was put back', async () => {
    const live = await controlPlane();
    const before = live.manifest('kube-scheduler');
    let isBroken = false;
    live.fails = (component, manifest) => {
      if (component === 'kube-scheduler' && manifest.includes('v1.36.2')) isBroken = true;
      return component === 'kube-scheduler' && isBroken;
    };
    const first = await upgrade(live);
    expect(messageOf(first.error)).toContain('kube-scheduler does not run again');
    expect(live.manifest('kube-scheduler')).toBe(before);
    const second = await upgrade(live);
    expect(messageOf(second.error)).toContain('for the kubelet to run kube-scheduler');
    expect(second.error).toMatchObject({ details: { problems: [expect.any(String)] } });
    const record = JSON.parse(text(live.host, recordFile) ?? '');
    expect(Object.keys(record.swapping)).toContain('kube-scheduler');
    live.fails = () => false;
    live.host.disk.put({ '/etc/kubernetes/manifests/kube-scheduler.yaml': '' });
    live.sync();
    live.host.disk.put({ '/etc/kubernetes/manifests/kube-scheduler.yaml': before ?? '' });
    live.sync();
    expect((await upgrade(live)).error).toBeUndefined();
    expect(running(live)).toMatchObject(all('v1.36.2'));
  });
});
