import { describe, expect, test } from 'vitest';
import { defaultInit } from '../../config/v1beta4/defaults.ts';
import type { KubeadmEvent } from '../../events.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import type { Host } from '../../host.ts';
import { plainCluster } from '../../manifests/manifest-input.fixture.ts';
import { loadPatches } from '../../patches/index.ts';
import { controlPlane } from './control-plane.ts';
import { etcd } from './etcd.ts';
import { initContext, initInput } from './input.fixture.ts';
import type { InitInput, InitPhase } from './input.ts';
import { kubeletStart } from './kubelet-start.ts';

const plainInput = initInput({
  cluster: plainCluster,
  init: defaultInit({
    nodeRegistration: { name: 'cp1', criSocket: 'unix:///run/containerd/containerd.sock' },
    localAPIEndpoint: { advertiseAddress: '192.0.2.10' },
  }),
  kubelet: { data: { kind: 'KubeletConfiguration', clusterDNS: ['10.96.0.10'] }, userSupplied: false },
});

/** The input that is built on a machine with patches in /p. */
async function withPatches(host: Host): Promise<InitInput> {
  return { ...plainInput, patches: await loadPatches(host, '/p', () => undefined) };
}

async function run(phase: InitPhase, input: InitInput, host: Host): Promise<KubeadmEvent[]> {
  const events: KubeadmEvent[] = [];
  const context = initContext(input, host, (event) => void events.push(event));
  await phase.run?.(input, host, context);
  for (const child of phase.children ?? []) await child.run?.(input, host, context);
  return events;
}

const machine = (options: MemoryHostOptions = {}): MemoryHost =>
  createMemoryHost({ hostname: 'cp1', ...options });
const modeOf = (host: MemoryHost, path: string) => host.snapshot()[path]?.mode.toString(8);

describe('etcd', () => {
  test('makes data directory and manifest, closed to others', async () => {
    const host = machine();
    expect(await run(etcd, plainInput, host)).toEqual([
      { type: 'manifest-written', component: 'etcd', directory: '/etc/kubernetes/manifests' },
    ]);
    expect(modeOf(host, '/var/lib/etcd/')).toBe('700');
    expect(modeOf(host, '/etc/kubernetes/manifests/')).toBe('700');
    expect(modeOf(host, '/etc/kubernetes/manifests/etcd.yaml')).toBe('600');
  });

  test('does nothing when etcd is external', async () => {
    const external = {
      endpoints: ['https://e:2379'],
      httpEndpoints: [],
      caFile: '',
      certFile: '',
      keyFile: '',
    };
    const host = machine();
    await run(etcd, { ...plainInput, cluster: { ...plainCluster, etcd: { external } } }, host);
    expect(host.gate.writes).toEqual([]);
  });
});

describe('control-plane', () => {
  test('writes three manifests, with the CA directories of this machine', async () => {
    const host = machine({ files: { '/etc/pki/tls/certs/ca-bundle.crt': '' } });
    await run(controlPlane, plainInput, host);
    const names = await host.files.list('/etc/kubernetes/manifests');
    expect(names).toEqual(['kube-apiserver.yaml', 'kube-controller-manager.yaml', 'kube-scheduler.yaml']);
    const text = await host.files.readText('/etc/kubernetes/manifests/kube-controller-manager.yaml');
    expect(text).toContain('path: /etc/pki/tls/certs\n');
  });

  test('lays patches over the manifest of their target alone', async () => {
    const host = machine({ files: { '/p/kube-scheduler.yaml': 'metadata: {labels: {own: "1"}}' } });
    const events = await run(controlPlane, await withPatches(host), host);
    const read = (name: string) => host.files.readText(`/etc/kubernetes/manifests/${name}.yaml`);
    expect(await read('kube-scheduler')).toContain('own: "1"');
    expect(await read('kube-apiserver')).not.toContain('own');
    expect(events.filter(({ type }) => type === 'patch-applied')).toHaveLength(1);
  });

  test('warns of an authorization-mode that nobody knows', async () => {
    const extraArgs = [{ name: 'authorization-mode', value: 'Node,Odd' }];
    const cluster = { ...plainCluster, apiServer: { ...plainCluster.apiServer, extraArgs } };
    const events = await run(controlPlane, { ...plainInput, cluster }, machine());
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(2);
  });
});

describe('kubelet-start', () => {
  test('starts the kubelet although the folder of the manifests cannot be made', async () => {
    const host = machine({ files: { '/etc/kubernetes/manifests': '' } });
    const events = await run(kubeletStart, plainInput, host);
    expect(events).toContainEqual({ type: 'kubelet-starting' });
    expect(modeOf(host, '/var/lib/kubelet/config.yaml')).toBe('644');
  });

  const read = (host: MemoryHost, name: string) => host.files.readText(`/var/lib/kubelet/${name}`);

  test('writes the three files and starts the kubelet again', async () => {
    const host = machine();
    await run(kubeletStart, plainInput, host);
    expect(await read(host, 'kubeadm-flags.env')).toBe('KUBELET_KUBEADM_ARGS=""\n');
    expect(await read(host, 'instance-config.yaml')).toBe(
      'containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock"\n',
    );
    expect(await read(host, 'config.yaml')).toBe(`clusterDNS:
- 10.96.0.10
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
kind: KubeletConfiguration
`);
    expect(modeOf(host, '/var/lib/kubelet/')).toBe('700');
    expect(modeOf(host, '/var/lib/kubelet/config.yaml')).toBe('644');
    expect(host.units.get('kubelet')?.active).toBe(true);
  });

  test('passes the socket by flag when the gate is off, and lays patches below the node itself', async () => {
    const host = machine({
      files: { '/p/kubeletconfiguration.yaml': 'containerRuntimeEndpoint: lost\nmaxPods: 7\n' },
    });
    const off = { ...plainCluster, featureGates: { NodeLocalCRISocket: false } };
    await run(kubeletStart, { ...plainInput, cluster: off }, host);
    expect(await read(host, 'kubeadm-flags.env')).toContain('--container-runtime-endpoint=unix:///run');
    expect(await host.files.stat('/var/lib/kubelet/instance-config.yaml')).toBeUndefined();
    await run(kubeletStart, await withPatches(host), host);
    const text = await read(host, 'config.yaml');
    expect(text).toContain('maxPods: 7');
    expect(text).toContain('containerRuntimeEndpoint: unix://');
  });

  test('names the resolvers behind systemd-resolved, unless the user named others', async () => {
    const host = machine({ services: { 'systemd-resolved': { active: true } } });
    await run(kubeletStart, plainInput, host);
    expect(await read(host, 'config.yaml')).toContain('resolvConf: /run/systemd/resolve/resolv.conf');
    const own = { data: { resolvConf: '/etc/mine' }, userSupplied: true };
    const events = await run(kubeletStart, { ...plainInput, kubelet: own }, host);
    expect(await read(host, 'config.yaml')).toContain('resolvConf: /etc/mine');
    expect(events.some((event) => event.type === 'warning' && event.code === 'kubelet-resolv-conf')).toBe(
      true,
    );
  });

  test.each([
    ['/etc/kubernetes is read-only', 'EROFS'],
    ['a file is at its place', undefined],
  ])('starts the kubelet without the folder of the manifests when %s', async (_, errno) => {
    const path = '/etc/kubernetes/manifests';
    const host = machine(errno === undefined ? { files: { [path]: 'a file' } } : {});
    if (errno !== undefined) host.disk.fail(path, errno, 'makeDirectory');
    const events = await run(kubeletStart, plainInput, host);
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { code: 'manifests-directory-not-made' },
    ]);
    expect(host.units.get('kubelet')?.active).toBe(true);
  });

  test('goes on without an init system, and when the kubelet cannot be started', async () => {
    await run(kubeletStart, plainInput, machine({ initSystem: 'none' }));
    const host = machine();
    const failing = {
      ...host,
      services: { ...host.services, restart: () => Promise.reject(new Error('no bus')) },
    };
    const events = await run(kubeletStart, plainInput, failing);
    expect(events).toContainEqual({
      type: 'warning',
      code: 'kubelet-not-started',
      message: 'unable to start the kubelet service: no bus',
    });
  });
});
