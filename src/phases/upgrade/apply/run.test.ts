import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../../../errors.ts';
import type { KubeadmEvent } from '../../../events.ts';
import type { MemoryHost } from '../../../host/memory/index.ts';
import { machineOf, remainsOf } from '../../../run-record/machine.fixture.ts';
import { type Component, type ControlPlane, controlPlane, liveControlPlane } from '../machine.fixture.ts';
import type { UpgradeApplyRequest } from '../request.ts';
import { runUpgradeApply, type UpgradeApplyResult } from './run.ts';

const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const recordFile = '/var/lib/kubeadm/unfinished-run.json';

interface Ran {
  readonly result: UpgradeApplyResult | undefined;
  readonly error: unknown;
  readonly events: readonly KubeadmEvent[];
}

async function upgrade(
  { host }: Pick<ControlPlane, 'host'>,
  request: UpgradeApplyRequest = {},
  onEvent: (event: KubeadmEvent) => void = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const events: KubeadmEvent[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }): void => {
    events.push(event);
    onEvent(event);
  };
  try {
    const result = await runUpgradeApply(
      host,
      { version: 'v1.36.2', yes: true, ...request },
      { record, signal },
    );
    return { result, error: undefined, events };
  } catch (error) {
    return { result: undefined, error, events };
  }
}

/** What runs: the image of each component in the API, and its container. */
function running(live: ControlPlane): Readonly<Record<string, string>> {
  const pods = live.host.api.list('v1', 'Pod', { labelSelector: 'tier=control-plane' });
  return Object.fromEntries(
    pods.map(({ metadata, spec }) => {
      const image = /kube-system|image/.test(JSON.stringify(spec)) ? JSON.stringify(spec) : '';
      return [metadata.labels?.component ?? '', /"image":"[^"]*:([^":]+)"/.exec(image)?.[1] ?? ''];
    }),
  );
}

const all = (version: string) => Object.fromEntries(components.map((name) => [name, version]));
const kinds = (events: readonly KubeadmEvent[]): readonly string[] => events.map(({ type }) => type);
const text = (host: MemoryHost, path: string): string | undefined => host.snapshot()[path]?.text;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const storedVersion = ({ host }: ControlPlane): string =>
  /kubernetesVersion: (\S+)/.exec(
    JSON.stringify(
      host.api.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeadm-config', namespace: 'kube-system' }),
    ).replaceAll('\\n', '\n'),
  )?.[1] ?? '';

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
        '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026-01-02-03-04-05/data-after-the-failure/member/db',
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
    const live = await controlPlane();
    const before = live.manifest('kube-apiserver');
    live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
    live.host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'file' && target === '/etc/kubernetes/manifests/kube-apiserver.yaml')
        live.host.gate.crashAfter(count);
    });
    await upgrade(live);
    const next = liveControlPlane(machineOf(remainsOf(live.host), 9), 'v1.35.4', live.fails);
    expect(next.host.api.reachable).toBe(false);
    const { error } = await upgrade(next);
    expect(messageOf(error)).toContain('these components run again');
    expect(next.manifest('kube-apiserver')).toBe(before);
    expect(next.host.api.reachable).toBe(true);
  });

  test('completes the components that a run left, beside no other run, before an interruption ends it', async () => {
    const live = await controlPlane();
    const before = live.manifest('kube-apiserver');
    live.fails = (component, manifest) => component === 'kube-apiserver' && manifest.includes('v1.36.2');
    live.host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'file' && target === '/etc/kubernetes/manifests/kube-apiserver.yaml')
        live.host.gate.crashAfter(count);
    });
    await upgrade(live);
    const next = liveControlPlane(machineOf(remainsOf(live.host), 9), 'v1.35.4', live.fails);
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
