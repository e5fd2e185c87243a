/** Whole commands in a dry run. Nothing changes, and the dry run reports each write of the real run. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import type { DryRunEvent } from '../events/dry-run.ts';
import type { KubeadmEvent, RecordedEvent } from '../events.ts';
import type { WriteRecord } from '../host/memory/gate.ts';
import type { MemoryHost, MemoryHostOptions } from '../host/memory/index.ts';
import { isRecord } from '../lib/is-record.ts';
import { runRecordFile, stateDir } from '../names.ts';
import { readyMachine } from './init/machine.fixture.ts';
import type { InitRequest } from './init/request.ts';
import { runInit } from './init/run.ts';
import { runReset } from './reset/run.ts';

const directory = '/tmp/dry';
const accounts = { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n', '/etc/group': 'root:x:0:\n' };

function machine(options: MemoryHostOptions = {}): MemoryHost {
  const environment = { KUBEADM_INIT_DRYRUN_DIR: directory };
  return readyMachine({ ...options, environment, files: { ...accounts, ...options.files } });
}

/** Everything that a dry run must leave as it is. */
function stateOf(host: MemoryHost) {
  const files = Object.entries(host.snapshot()).filter(([path]) => !isOwn(path));
  return structuredClone({
    files: Object.fromEntries(files),
    services: [...host.units].map(([name, { active, enabled }]) => ({ name, active, enabled })),
    mounts: [...host.disk.mountPoints],
    images: [...host.runtime.images],
    sandboxes: [...host.runtime.sandboxes.values()],
    objects: host.api.all(),
    members: [...host.etcdCluster.members.values()],
  });
}

const isOwn = (path: string): boolean => path.startsWith(`${directory}/`);

type Would = DryRunEvent;

function wouldEvents(events: readonly KubeadmEvent[]): readonly Would[] {
  return events.filter((event): event is Would => event.type.startsWith('would-'));
}

const below = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Whether an event reports that write of a real run. No event reports a kind of write that is not listed here. */
function reports(event: Would, { kind, target }: WriteRecord): boolean {
  switch (event.type) {
    case 'would-write':
      return (
        (kind === 'file' && target === event.path) || (kind === 'directory' && below(event.path, target))
      );
    case 'would-make-directory':
      return kind === 'directory' && below(event.path, target);
    case 'would-remove':
      return kind === 'remove' && below(target, event.path);
    case 'would-change-mode':
      return kind === 'attributes' && target === event.path;
    case 'would-change-owner':
      return kind === 'attributes' && (event.below ? below(target, event.path) : target === event.path);
    case 'would-run':
      return kind === 'exec' && target === event.command.join(' ');
    case 'would-stop-service':
      return kind === 'service' && target === `stop ${event.service}`;
    case 'would-start-service':
      return kind === 'service' && target === `start ${event.service}`;
    case 'would-restart-service':
      return kind === 'service' && target === `restart ${event.service}`;
    case 'would-unmount':
      return kind === 'mount' && target === event.path;
    case 'would-pull-image':
      return kind === 'cri' && target === `pullImage ${event.image}`;
    case 'would-stop-pod':
      return kind === 'cri' && target === `stopPodSandbox ${event.id}`;
    case 'would-remove-pod':
      return kind === 'cri' && target === `removePodSandbox ${event.id}`;
    case 'would-remove-member':
      return kind === 'etcd' && target === `memberRemove ${event.id}`;
    case 'would-call':
      return kind === 'api' && target === callOf(event);
    default:
      return false;
  }
}

/** `create ConfigMap kube-system/kubeadm-config` */
function callOf({ object, verb }: Extract<Would, { type: 'would-call' }>): string {
  const value: unknown = parse(object ?? '');
  const metadata = isRecord(value) && isRecord(value.metadata) ? value.metadata : {};
  const namespace = metadata.namespace === undefined ? '' : `${metadata.namespace}/`;
  const kind = isRecord(value) ? value.kind : '';
  return `${verb.toLowerCase()} ${kind} ${namespace}${metadata.name}`;
}

/**
 * These writes are kubeadm's own notes, temporary files, and modes of manifests that stay the same, as a push for the
 * kubelet. The rights of admin.conf are not part of upstream's dry run, and neither are the signatures of cluster-info,
 * which there only the controller manager makes.
 */
function isLeftOut({ kind, target }: WriteRecord): boolean {
  const isNote = below(target, stateDir) || target.startsWith(`${runRecordFile}.`);
  const isPush = kind === 'attributes' && below(target, '/etc/kubernetes/manifests');
  const isBinding = target === 'create ClusterRoleBinding kubeadm:cluster-admins';
  const isSignature = target === 'patch ConfigMap kube-public/cluster-info';
  return kind === 'file-temporary' || isNote || isPush || isBinding || isSignature;
}

type Command = (
  host: MemoryHost,
  dryRun: boolean,
  record: (recorded: RecordedEvent) => void,
) => Promise<unknown>;

/** Runs the command on two machines that are the same. */
async function compare(prepare: () => Promise<MemoryHost> | MemoryHost, command: Command) {
  const dry = await prepare();
  const before = stateOf(dry);
  const written = dry.gate.writes.length;
  const events: RecordedEvent[] = [];
  await command(dry, true, (recorded) => void events.push(recorded));
  expect(stateOf(dry)).toEqual(before);
  expect(dry.gate.writes.slice(written).filter(({ target }) => !below(target, directory))).toEqual([]);

  const real = await prepare();
  const start = real.gate.writes.length;
  await command(real, false, () => undefined);
  const would = wouldEvents(events.map(({ event }) => event));
  const writes = real.gate.writes.slice(start).filter((write) => !isLeftOut(write));
  const unreported = writes.filter((write) => !would.some((event) => reports(event, write)));
  return { dry, real, events, would, writes, unreported };
}

const fields: NonNullable<InitRequest['fields']> = {
  init: {
    localAPIEndpoint: { advertiseAddress: '10.0.0.5' },
    nodeRegistration: { criSocket: 'unix:///var/run/containerd/containerd.sock' },
    bootstrapTokens: [{ token: 'abcdef.0123456789abcdef' }],
  },
  cluster: { kubernetesVersion: 'v1.36.2', encryptionAlgorithm: 'ECDSA-P256' },
};

const init =
  (request: InitRequest): Command =>
  async (host, dryRun, record) =>
    await runInit(host, { ...request, dryRun }, { record });

const reset: Command = async (host, dryRun, record) =>
  await runReset(
    host,
    { dryRun, force: true, cleanupTmpDir: true, fields: { criSocket: 'unix:///run/x.sock' } },
    { record },
  );

describe('a dry run of init changes nothing and reports each write', () => {
  test('on a machine without a cluster', async () => {
    const { unreported, writes } = await compare(machine, init({ fields, uploadCerts: true }));
    expect(unreported).toEqual([]);
    expect(writes.length).toBeGreaterThan(80);
  });

  test('with files in folders of its own', async () => {
    const cluster = { ...fields.cluster, certificatesDir: '/srv/pki' };
    const { dry, unreported } = await compare(machine, init({ fields: { ...fields, cluster } }));
    expect(unreported).toEqual([]);
    expect(await dry.files.stat(`${directory}/etcd/ca.key`)).toBeDefined();
  });

  test('of a control plane without root', async () => {
    const cluster = { ...fields.cluster, featureGates: { RootlessControlPlane: true } };
    const prepare = () => machine({ files: { '/etc/.pwd.lock': '' } });
    const { unreported, would } = await compare(prepare, init({ fields: { ...fields, cluster } }));
    expect(unreported).toEqual([]);
    const passwd = would.filter((event) => event.type === 'would-write' && event.path === '/etc/passwd');
    expect(passwd).toHaveLength(1);
  });

  test('over a finished init, whose authorities and kubeconfig files it copies', async () => {
    const prepare = async () => {
      const host = machine();
      await runInit(host, { fields });
      await host.files.remove('/etc/kubernetes/pki/apiserver.crt');
      await host.files.remove('/etc/kubernetes/pki/apiserver.key');
      return host;
    };
    const { dry, unreported } = await compare(prepare, init({ fields, ignorePreflightErrors: ['all'] }));
    expect(unreported).toEqual([]);
    for (const file of ['ca.crt', 'ca.key', 'etcd/ca.key', 'front-proxy-ca.key']) {
      const [copy, given] = [`${directory}/${file}`, `/etc/kubernetes/pki/${file}`];
      expect(await dry.files.readText(copy)).toBe(await dry.files.readText(given));
      expect((await dry.files.stat(copy))?.mode).toBe(file.endsWith('.crt') ? 0o644 : 0o600);
    }
    for (const file of ['admin.conf', 'scheduler.conf']) {
      expect(await dry.files.readText(`${directory}/${file}`)).toBe(
        await dry.files.readText(`/etc/kubernetes/${file}`),
      );
    }
    expect(await dry.files.stat(`${directory}/apiserver.crt`)).toBeDefined();
    expect(await dry.files.stat(`${directory}/apiserver-kubelet-client.crt`)).toBeUndefined();
  });

  test('with an external CA, whose kubeconfig files it copies', async () => {
    const prepare = async () => {
      const host = machine();
      await runInit(host, { fields });
      await host.files.remove('/etc/kubernetes/pki/ca.key');
      return host;
    };
    const { dry, events, unreported } = await compare(
      prepare,
      init({ fields, ignorePreflightErrors: ['all'] }),
    );
    expect(unreported).toEqual([]);
    expect(events.filter(({ event }) => event.type === 'kubeconfig-skipped')).toHaveLength(5);
    for (const file of ['ca.crt', 'admin.conf', 'kubelet.conf', 'scheduler.conf'])
      expect(await dry.files.stat(`${directory}/${file}`), file).toBeDefined();
    expect(await dry.files.stat(`${directory}/ca.key`)).toBeUndefined();
  });

  test('in the phase that it belongs to, and shows no key', async () => {
    const { events } = await compare(machine, init({ fields }));
    const phaseOf = (path: string) =>
      events.find(({ event }) => event.type === 'would-write' && event.path === path)?.phase;
    expect(phaseOf('/etc/kubernetes/manifests/etcd.yaml')).toBe('etcd/local');
    expect(phaseOf('/etc/kubernetes/admin.conf')).toBe('kubeconfig/admin');
    const calls = events.filter(({ event }) => event.type === 'would-call');
    expect(calls.every(({ phase }) => phase !== undefined)).toBe(true);
    const shown = events.flatMap(({ event }) =>
      event.type === 'would-write' && event.content !== undefined ? [event] : [],
    );
    expect(shown.map(({ path }) => path).toSorted()).toEqual([
      '/etc/kubernetes/manifests/etcd.yaml',
      '/etc/kubernetes/manifests/kube-apiserver.yaml',
      '/etc/kubernetes/manifests/kube-controller-manager.yaml',
      '/etc/kubernetes/manifests/kube-scheduler.yaml',
      '/var/lib/kubelet/config.yaml',
      '/var/lib/kubelet/kubeadm-flags.env',
    ]);
    const types = events.map(({ event }) => event.type);
    for (const deed of ['image-pulled', 'kubelet-starting', 'kubelet-stopping', 'component-healthy'])
      expect(types).not.toContain(deed);
  });
});

describe('preflight in a dry run', () => {
  const findings = async (host: MemoryHost): Promise<readonly KubeadmEvent[]> => {
    const found: KubeadmEvent[] = [];
    const record = ({ event }: RecordedEvent): void => {
      if (event.type === 'preflight-finding') found.push(event);
    };
    await runInit(host, { fields, dryRun: true }, { record });
    return found;
  };

  test.each([
    ['phases of the control plane', ['control-plane', 'etcd']],
    ['a whole dry run', undefined],
  ])('passes over the files that %s left in the same directory', async (_, only) => {
    const host = machine();
    await runInit(host, { fields, dryRun: true, ...(only === undefined ? {} : { only }) });
    expect(await host.files.stat(`${directory}/kube-apiserver.yaml`)).toBeDefined();
    expect(await findings(host)).toEqual([]);
  });

  test('finds the manifests of the machine', async () => {
    const host = machine({ files: { '/etc/kubernetes/manifests/kube-apiserver.yaml': 'x' } });
    await expect(findings(host)).rejects.toMatchObject({ code: 'preflight-failed' });
  });
});

describe('a dry run of reset changes nothing and reports each write', () => {
  /** After an init, with Pods, mounts and a second etcd member. */
  async function used(featureGates: Readonly<Record<string, boolean>> = {}): Promise<MemoryHost> {
    const mount = '/var/lib/kubelet/pods/a/volumes/x';
    const host = machine({
      files: {
        '/var/lib/etcd/member/snap/db': 'x',
        '/etc/.pwd.lock': '',
        '/etc/kubernetes/.x.tmp-0123456789abcdef': 'half',
      },
    });
    const cluster = { ...fields.cluster, featureGates };
    await runInit(host, { fields: { ...fields, cluster }, ignorePreflightErrors: ['all'] });
    host.disk.put({
      '/proc/mounts': `tmpfs ${mount} tmpfs rw 0 0\n`,
      '/etc/kubernetes/tmp/kubeadm-backup/etcd.yaml': 'x',
    });
    host.disk.mountPoints.add(mount);
    for (const id of ['aaa', 'bbb']) {
      host.runtime.sandboxes.set(id, { id, name: id, namespace: 'x', uid: id, state: 'ready' });
    }
    for (const [id, address] of Object.entries({ a: '10.0.0.5', b: '10.0.0.6' })) {
      const [peerURLs, clientURLs] = [[`https://${address}:2380`], [`https://${address}:2379`]];
      host.etcdCluster.members.set(id, { id, name: id, peerURLs, clientURLs, isLearner: false });
    }
    return host;
  }

  test('of a control plane', async () => {
    const { unreported, would, writes } = await compare(used, reset);
    expect(unreported).toEqual([]);
    const kinds = new Set(writes.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['etcd', 'service', 'mount', 'cri', 'remove']));
    expect(would.filter(({ type }) => type === 'would-remove-member')).toHaveLength(1);
    expect(would.filter(({ type }) => type === 'would-remove-pod')).toHaveLength(2);
  });

  test('of a control plane without root', async () => {
    const { unreported, would } = await compare(() => used({ RootlessControlPlane: true }), reset);
    expect(unreported).toEqual([]);
    expect(would).toContainEqual(expect.objectContaining({ type: 'would-write', path: '/etc/passwd' }));
  });

  test('and nothing is asked', async () => {
    const host = await used();
    await runReset(host, { dryRun: true, fields: { criSocket: 'unix:///run/x.sock' } });
    expect(host.asked).toEqual([]);
  });
});
