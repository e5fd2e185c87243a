import { describe, expect, test } from 'vitest';
import { machineOf, remainsOf } from '../../../run-record/machine.fixture.ts';
import { controlPlane, liveControlPlane } from '../machine.fixture.ts';
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
import { runUpgradeApply } from './run.ts';

describe('upgrade apply', () => {
  test('upgrades every component of a control plane, its addons and its configuration', async () => {
    const live = await controlPlane();
    const { host } = live;
    const before = host.snapshot();
    const { error, events, result } = await upgrade(live);
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ kubernetesVersion: 'v1.36.2', nodeName: 'cp1', dryRun: undefined });
    expect(running(live)).toMatchObject({ ...all('v1.36.2'), etcd: '3.6.8-0' });
    expect(storedVersion(live)).toBe('v1.36.2');
    const daemonSet = host.api.get({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      name: 'kube-proxy',
      namespace: 'kube-system',
    });
    expect(JSON.stringify(daemonSet)).toContain('kube-proxy:v1.36.2');
    const backup = '/etc/kubernetes/tmp/kubeadm-backup-manifests-2026-01-02-03-04-05';
    for (const name of components) {
      expect(text(host, `${backup}/${name}.yaml`)).toBe(
        before[`/etc/kubernetes/manifests/${name}.yaml`]?.text,
      );
    }
    expect(text(host, '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026-01-02-03-04-05/etcd/member/db')).toBe(
      before['/var/lib/etcd/member/db']?.text,
    );
    expect(text(host, '/etc/kubernetes/tmp/kubeadm-kubelet-config-2026-01-02-03-04-05/config.yaml')).toBe(
      before['/var/lib/kubelet/config.yaml']?.text,
    );
    const renewed = events.flatMap((event) => (event.type === 'certificate-renewed' ? [event.name] : []));
    expect([...renewed].sort()).toEqual([
      'admin.conf',
      'apiserver',
      'apiserver-etcd-client',
      'apiserver-kubelet-client',
      'controller-manager.conf',
      'etcd-healthcheck-client',
      'etcd-peer',
      'etcd-server',
      'front-proxy-client',
      'scheduler.conf',
      'super-admin.conf',
    ]);
    expect(text(host, '/etc/kubernetes/pki/apiserver.crt')).not.toBe(
      before['/etc/kubernetes/pki/apiserver.crt']?.text,
    );
    expect(host.snapshot()[recordFile]).toBeUndefined();
  });

  test('replaces the API server first, and then the others at the same time', async () => {
    const { events } = await upgrade(await controlPlane());
    const steps = events.flatMap((event) =>
      event.type === 'static-pod-swapping' || event.type === 'static-pod-swapped'
        ? [`${event.type} ${event.component}`]
        : [],
    );
    expect(steps).toEqual([
      'static-pod-swapping kube-apiserver',
      'static-pod-swapped kube-apiserver',
      'static-pod-swapping kube-controller-manager',
      'static-pod-swapping kube-scheduler',
      'static-pod-swapped kube-controller-manager',
      'static-pod-swapped kube-scheduler',
    ]);
  });

  test('restarts nothing and renews only the certificates of administrators for the same version', async () => {
    const live = await controlPlane({ version: 'v1.36.2' });
    const { error, events } = await upgrade(live);
    expect(error).toBeUndefined();
    expect(kinds(events)).not.toContain('static-pod-swapping');
    const renewed = events.flatMap((event) => (event.type === 'certificate-renewed' ? [event.name] : []));
    expect(renewed).toEqual(['admin.conf', 'super-admin.conf']);
    expect(
      Object.keys(live.host.snapshot('/etc/kubernetes/tmp')).some((path) =>
        path.includes('backup-manifests'),
      ),
    ).toBe(false);
  });

  test('renews no certificate without certificateRenewal, and leaves etcd alone without etcdUpgrade', async () => {
    const live = await controlPlane();
    const { error, events } = await upgrade(live, { certificateRenewal: false, etcdUpgrade: false });
    expect(error).toBeUndefined();
    expect(kinds(events)).not.toContain('certificate-renewed');
    expect(kinds(events)).not.toContain('etcd-backed-up');
  });

  test('refuses a version that the rules do not allow, and takes one that --force overrides', async () => {
    const live = await controlPlane();
    const refused = await upgrade(live, { version: 'v1.36.3' });
    expect(messageOf(refused.error)).toContain('the version argument is invalid due to these errors:');
    expect(refused.error).toMatchObject({ code: 'refused' });
    const fatal = await upgrade(live, { version: 'v1.38.0', force: true });
    expect(messageOf(fatal.error)).toContain('the version argument is invalid due to these fatal errors:');
    expect(kinds(fatal.events)).not.toContain('image-pulling');
    expect((await upgrade(live, { version: 'v1.36.3', force: true })).error).toBeUndefined();
  });

  test('asks the user, and changes nothing after no', async () => {
    const live = await controlPlane();
    const asked: string[] = [];
    const prompt = { ask: async (question: string) => void asked.push(question) };
    const { error } = await upgrade({ host: { ...live.host, prompt } }, { yes: false });
    expect(asked).toEqual(['[upgrade] Are you sure you want to proceed? [y/N]: ']);
    expect(error).toMatchObject({ code: 'refused' });
    expect(running(live)).toMatchObject(all('v1.35.4'));
    expect(live.host.snapshot()[recordFile]).toBeUndefined();
  });

  test('needs a version', async () => {
    const { error } = await upgrade(await controlPlane(), { version: '' });
    expect(messageOf(error)).toBe('missing one or more required arguments. Required arguments: [version]');
  });

  test('takes the version and the options of an UpgradeConfiguration', async () => {
    const live = await controlPlane();
    const configText = `apiVersion: kubeadm.k8s.io/v1beta4
kind: UpgradeConfiguration
apply: {kubernetesVersion: v1.36.1, forceUpgrade: true, certificateRenewal: false, skipPhases: [addon]}
`;
    const ran = await runUpgradeApply(live.host, { configText });
    expect(ran.kubernetesVersion).toBe('v1.36.1');
    expect(ran.phases).not.toContain('addon/coredns');
    expect(running(live)).toMatchObject(all('v1.36.1'));
  });

  test('leaves an external etcd alone', async () => {
    const live = await controlPlane();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeadm-config', namespace: 'kube-system' };
    const external =
      'etcd: {external: {endpoints: [https://10.0.0.9:2379], caFile: /ca, certFile: /c, keyFile: /k}}';
    const ClusterConfiguration = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.4\n${external}\n`;
    live.host.api.patch(ref, 'merge', { data: { ClusterConfiguration } });
    await live.host.files.remove('/etc/kubernetes/manifests/etcd.yaml');
    const { error, events } = await upgrade(live);
    expect(error).toBeUndefined();
    expect(live.manifest('etcd')).toBeUndefined();
    expect(running(live)).toMatchObject(all('v1.36.2'));
    const renewed = events.flatMap((event) => (event.type === 'certificate-renewed' ? [event.name] : []));
    expect(renewed.filter((name) => name.includes('etcd'))).toEqual([]);
  });

  test('renews nothing that an external CA has signed', async () => {
    const live = await controlPlane();
    await live.host.files.remove('/etc/kubernetes/pki/ca.key');
    const { error, events } = await upgrade(live);
    expect(error).toBeUndefined();
    expect(running(live)).toMatchObject(all('v1.36.2'));
    const left = events.flatMap((event) => (event.type === 'certificate-not-renewed' ? [event.name] : []));
    expect([...left].sort()).toEqual([
      'admin.conf',
      'apiserver',
      'apiserver-kubelet-client',
      'controller-manager.conf',
      'scheduler.conf',
      'super-admin.conf',
    ]);
  });

  test('leaves the addons to the last control plane', async () => {
    const live = await controlPlane();
    const pod = live.host.api.get({
      apiVersion: 'v1',
      kind: 'Pod',
      name: 'kube-apiserver-cp1',
      namespace: 'kube-system',
    });
    live.host.api.create({
      ...pod,
      metadata: { ...pod.metadata, name: 'kube-apiserver-cp2', uid: '', resourceVersion: '' },
      spec: { ...(pod.spec as object), nodeName: 'cp2' },
    });
    const { error, events } = await upgrade(live);
    expect(error).toBeUndefined();
    const said = events.flatMap((event) => (event.type === 'progress' ? [event.message] : []));
    expect(said).toContain(
      'Skipping the addon/coredns phase. Control plane instances have not been upgraded yet: cp2.',
    );
  });

  test('lets a kubelet with the address of all control planes use the API server of its node', async () => {
    const live = await controlPlane({ cluster: 'controlPlaneEndpoint: lb.example:7443\n' });
    const path = '/etc/kubernetes/kubelet.conf';
    const local = text(live.host, path) ?? '';
    const shared = local.replace(/server: .*/, 'server: https://lb.example:7443');
    live.host.disk.put({ [path]: shared });
    expect((await upgrade(live)).error).toBeUndefined();
    expect(/server: .*/.exec(text(live.host, path) ?? '')?.[0]).toBe(/server: .*/.exec(local)?.[0]);
  });

  test('restarts that kubelet in the next run if a run is cut off between the file and the restart', async () => {
    const live = await controlPlane({ cluster: 'controlPlaneEndpoint: lb.example:7443\n' });
    const { host } = live;
    const path = '/etc/kubernetes/kubelet.conf';
    const shared = (text(host, path) ?? '').replace(/server: .*/, 'server: https://lb.example:7443');
    host.disk.put({ [path]: shared });
    host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'file' && target === path) host.gate.crashAfter(count);
    });
    await upgrade(live);
    const next = liveControlPlane(machineOf(remainsOf(host), 9), 'v1.35.4');
    expect((await upgrade(next)).error).toBeUndefined();
    expect(next.host.gate.writes).toContainEqual({ kind: 'service', target: 'restart kubelet' });
  });
});

describe('a dry run of upgrade apply', () => {
  test('changes nothing, and shows the new manifests', async () => {
    const live = await controlPlane();
    const before = live.host.snapshot();
    const objects = JSON.stringify(live.host.api.all());
    const { error, events, result } = await upgrade(live, { dryRun: true });
    expect(error).toBeUndefined();
    const directory = result?.dryRun?.directory ?? '';
    expect(directory).toMatch(/^\/etc\/kubernetes\/tmp\/kubeadm-upgrade-apply-dryrun/);
    const after = Object.entries(live.host.snapshot()).filter(
      ([path]) => !path.startsWith('/etc/kubernetes/tmp/'),
    );
    expect(Object.fromEntries(after)).toEqual(before);
    expect(JSON.stringify(live.host.api.all())).toBe(objects);
    const shown = events.flatMap((event) =>
      event.type === 'would-write' && event.path.startsWith('/etc/kubernetes/manifests/') ? [event] : [],
    );
    expect(shown.map(({ path }) => path)).toEqual(
      components.map((name) => `/etc/kubernetes/manifests/${name}.yaml`),
    );
    for (const { content } of shown) expect(content).toContain(':v1.36.2');
  });

  test('makes up a cluster without a kubeconfig', async () => {
    const live = await controlPlane();
    const { host } = live;
    for (const path of Object.keys(host.snapshot('/etc/kubernetes'))) {
      if (!path.endsWith('/')) await host.files.remove(path);
    }
    host.api.reachable = false;
    const { error, events } = await upgrade(live, { dryRun: true });
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === 'would-write')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: '/etc/kubernetes/manifests/kube-apiserver.yaml' }),
      ]),
    );
  });
});
