/** The files of a new node, before it boots. The files of the machine are only read. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Components, NodeProgram } from '../components/index.ts';
import type { Machine } from './machine.ts';
import type { LabNetwork, NodeAddresses } from './network.ts';
import { addressesOf } from './network.ts';
import { LabError, mustRun, run } from './run.ts';
import {
  containerdConfig,
  containerdUnit,
  journaldConfig,
  kubeletDropIn,
  kubeletUnit,
  maskedUnits,
  readyUnit,
} from './units.ts';

/** The place of each program below /usr. */
const programPlaces: readonly (readonly [NodeProgram, string])[] = [
  ['kubelet', 'bin'],
  ['kubectl', 'bin'],
  ['containerd', 'local/bin'],
  ['containerd-shim-runc-v2', 'local/bin'],
  ['ctr', 'local/bin'],
  ['etcd', 'local/bin'],
  ['etcdctl', 'local/bin'],
  ['etcdutl', 'local/bin'],
  ['bridge', 'libexec/cni'],
  ['loopback', 'libexec/cni'],
  ['host-local', 'libexec/cni'],
  ['portmap', 'libexec/cni'],
  ['ptp', 'libexec/cni'],
];

/**
 * A layer over the machine's /usr in every node, with programs (hard links into the cache) and units. It is made once for
 * each set of components, and nodes only read it.
 */
export async function ensureUsrLayer(
  cache: string,
  components: Components,
  machine: Machine,
): Promise<string> {
  const texts: readonly (readonly [string, string])[] = [
    ['kubelet.service', kubeletUnit],
    ['kubelet.service.d/10-kubeadm.conf', kubeletDropIn],
    ['containerd.service', containerdUnit(machine)],
    ['lab-ready.service', readyUnit],
  ];
  const hash = createHash('sha256');
  for (const [name, place] of programPlaces) {
    hash.update(`${place}/${name} ${await fileKey(components.programs[name])}\n`);
  }
  for (const [name, text] of texts) hash.update(`${name}\n${text}\n`);
  const layer = join(cache, `usr-${hash.digest('hex').slice(0, 24)}`);
  if (existsSync(layer)) return layer;
  await makeOnce(layer, async (partial) => {
    for (const [name, place] of programPlaces) {
      await mkdir(join(partial, place), { recursive: true });
      await linkOrCopy(components.programs[name], join(partial, place, name));
    }
    for (const [name, text] of texts) {
      await place(join(partial, 'lib/systemd/system', name), text);
    }
  });
  return layer;
}

/** Represents the bytes of a file in the cache, where another content has another path. */
export async function fileKey(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path).catch(() => {
    throw new LabError(`${path}: no such file (node components/main.ts build makes it)`);
  });
  return `${path} ${size} ${mtimeMs}`;
}

/** Fills a folder beside its place and moves it there. If another process was first, that folder is used. */
export async function makeOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  const partial = join(dirname(folder), `.partial-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(partial, { recursive: true });
  try {
    await fill(partial);
    await rename(partial, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  const linked = await run(['ln', '-L', source, target]);
  if (linked.code !== 0) await mustRun(['cp', '-L', '--reflink=auto', source, target]);
}

export interface RootOptions {
  readonly name: string;
  readonly kind: 'node' | 'host';
  readonly host: number;
  readonly network: LabNetwork;
  /** The name and addresses of every node of the lab, including this one. */
  readonly hosts: readonly { readonly name: string; readonly addresses: NodeAddresses }[];
  readonly machine: Machine;
  readonly pauseImage: string;
  /** A containerd root with all images, which is copied by hard links. */
  readonly images: string | undefined;
  /** The program that is copied to /usr/bin/kubeadm. */
  readonly kubeadm: string | undefined;
}

/** The files that are copied from the machine: accounts, cache of libraries, trusted certificates, names of protocols. */
const copiedFromEtc = [
  'alternatives',
  'bash.bashrc',
  'ca-certificates.conf',
  'conntrackd',
  'dbus-1',
  'debian_version',
  'ethertypes',
  'gai.conf',
  'group',
  'gshadow',
  'host.conf',
  'iproute2',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'login.defs',
  'nsswitch.conf',
  'pam.conf',
  'pam.d',
  'passwd',
  'profile',
  'protocols',
  'rpc',
  'security',
  'services',
  'shadow',
  'shells',
  'ssl',
  'subgid',
  'subuid',
  'terminfo',
];

/** Fills `folder` with root/, usr-upper/ and usr-work/, as boot.sh expects them. */
export async function makeRoot(folder: string, options: RootOptions): Promise<void> {
  const root = join(folder, 'root');
  for (const name of ['usr-upper', 'usr-work']) await mkdir(join(folder, name), { recursive: true });
  const open = ['dev', 'proc', 'sys', 'run', 'usr', 'home', 'mnt', 'media', 'srv', 'boot', 'opt/cni/bin'];
  const etc = ['cni/net.d', 'containerd/certs.d', 'default', 'kubernetes', 'systemd/system'].map(
    (d) => `etc/${d}`,
  );
  const varied = ['cache', 'lib/containerd', 'lib/etcd', 'lib/kubelet', 'log/journal', 'spool'].map(
    (d) => `var/${d}`,
  );
  for (const name of [...open, ...etc, ...varied]) await mkdir(join(root, name), { recursive: true });
  // The folders are as after installing the Debian packages. The kubelet makes its own folder, and init that of etcd.
  for (const name of ['etc/kubernetes', 'var/lib/etcd', 'var/lib/kubelet']) {
    await rm(join(root, name), { recursive: true });
  }
  await mkdir(join(root, 'root'), { mode: 0o700 });
  for (const name of ['tmp', 'var/tmp']) {
    await mkdir(join(root, name));
    await chmod(join(root, name), 0o1777);
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32']) {
    if (existsSync(`/usr/${name}`)) await symlink(`usr/${name}`, join(root, name));
  }
  await symlink('../run', join(root, 'var/run'));
  await symlink('../run/lock', join(root, 'var/lock'));
  // On a control plane, kubectl as root only needs the administrator's file.
  await mkdir(join(root, 'root/.kube'), { mode: 0o750 });
  await symlink('/etc/kubernetes/admin.conf', join(root, 'root/.kube/config'));
  await makeEtc(join(root, 'etc'), options);
  for (const name of ['bridge', 'loopback', 'host-local', 'portmap', 'ptp']) {
    await symlink(`../../../usr/libexec/cni/${name}`, join(root, 'opt/cni/bin', name));
  }
  if (options.kubeadm !== undefined) {
    await mkdir(join(folder, 'usr-upper/bin'));
    await copyFile(options.kubeadm, join(folder, 'usr-upper/bin/kubeadm'));
    await chmod(join(folder, 'usr-upper/bin/kubeadm'), 0o755);
  }
  if (options.images !== undefined && options.kind === 'node') {
    await copyImages(options.images, join(root, 'var/lib/containerd'));
  }
}

async function makeEtc(etc: string, options: RootOptions): Promise<void> {
  const present = copiedFromEtc.filter((name) => existsSync(`/etc/${name}`)).map((name) => `/etc/${name}`);
  await mustRun(['cp', '-a', ...present, `${etc}/`]);
  const gateway = addressesOf(options.network, 1);
  const texts: Readonly<Record<string, string>> = {
    hostname: `${options.name}\n`,
    hosts: hostsFile(options.hosts),
    'resolv.conf': `nameserver ${gateway.ipv4 ?? gateway.ipv6}\noptions timeout:1 attempts:1\n`,
    'machine-id': `${randomBytes(16).toString('hex')}\n`,
    '.updated': '',
    'systemd/journald.conf': journaldConfig,
    'containerd/config.toml': containerdConfig(options.machine, options.pauseImage),
  };
  for (const [name, text] of Object.entries(texts)) await place(join(etc, name), text);
  await symlink('../proc/self/mounts', join(etc, 'mtab'));
  await symlink('../usr/lib/os-release', join(etc, 'os-release'));
  const units = join(etc, 'systemd/system');
  for (const name of maskedUnits) await symlink('/dev/null', join(units, name));
  const wants = join(units, 'multi-user.target.wants');
  await mkdir(wants);
  for (const name of ['containerd.service', 'lab-ready.service']) {
    await symlink(`/usr/lib/systemd/system/${name}`, join(wants, name));
  }
}

/** The text of /etc/hosts. */
export function hostsFile(hosts: RootOptions['hosts']): string {
  const lines = ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback'];
  for (const { name, addresses } of hosts) {
    for (const address of [addresses.ipv4, addresses.ipv6]) {
      if (address !== undefined) lines.push(`${address} ${name}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Makes hard links for layers and blobs, which are never written again. Databases are copied. */
async function copyImages(template: string, target: string): Promise<void> {
  await rm(target, { recursive: true });
  const linked = await run(['cp', '-al', template, target]);
  if (linked.code !== 0) {
    // The cache is on another file system.
    await rm(target, { recursive: true, force: true });
    await mustRun(['cp', '-a', '--reflink=auto', template, target]);
    return;
  }
  const databases = await mustRun(['find', template, '-name', '*.db', '-type', 'f', '-printf', '%P\\n']);
  for (const name of databases.split('\n').filter((line) => line !== '')) {
    await rm(join(target, name));
    await copyFile(join(template, name), join(target, name));
  }
}

async function place(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
