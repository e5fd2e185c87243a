/** The slow-moving facts about a machine. Every part is bounded in time, and one that fails is left out. */
import type { Host } from '../../host.ts';
import { defaultEtcdDataDir, kubeletDir, kubernetesDir, manifestsDir } from '../../names.ts';
import type { CertificateFacts, EndpointFacts, MachineFacts } from '../facts.ts';
import { certificatePaths, gatherCertificates } from './certificates.ts';
import { type Configured, certificatesDirectory, configuredPaths, readConfigured } from './configured.ts';
import { gatherFileSystems } from './file-systems.ts';
import { gatherHealth } from './health.ts';
import { gatherKubeletCertificate } from './kubelet-certificate.ts';
import { cpuLimits, etcdServers, gatherDuplicateManifests, gatherMissingManifests } from './manifests.ts';
import { gatherMemoryKills } from './memory-kills.ts';
import { gatherAddresses, gatherEndpoint } from './network.ts';
import { gatherNode } from './node.ts';
import { untilChanged } from './until-changed.ts';

export type MachineHost = Pick<Host, 'files' | 'exec' | 'net' | 'clock' | 'kube'>;

/** Without what only several looks know. */
export type MachineLook = Omit<MachineFacts, 'endpoint'> & {
  readonly endpoint?: Omit<EndpointFacts, 'failingMs'>;
};

/** The parts of a look that parse files. */
export interface FileReaders {
  readonly configured: () => Promise<Configured>;
  readonly certificates: (directory: string) => Promise<readonly CertificateFacts[]>;
}

/** Parses the files of a machine once, and again when they have changed. */
export function createFileReaders(host: Pick<MachineHost, 'files'>): FileReaders {
  const configured = untilChanged<Configured>(host);
  const certificates = untilChanged<readonly CertificateFacts[]>(host);
  return {
    configured: async () => await configured(configuredPaths, async () => await readConfigured(host)),
    certificates: async (directory) =>
      await certificates(certificatePaths(directory), async () => await gatherCertificates(host, directory)),
  };
}

export interface MachineQuestion {
  readonly certificatesDir?: string;
  /** Defaults to new ones, which read all files. */
  readonly read?: FileReaders;
  /** Whether to ask the API server for the Node as well. */
  readonly withNode: boolean;
  readonly signal: AbortSignal;
}

export async function gatherMachine(
  host: MachineHost,
  { certificatesDir, read = createFileReaders(host), signal, withNode }: MachineQuestion,
): Promise<MachineLook> {
  const configured = await read.configured();
  const etcd = configured.manifests.get('etcd');
  const directory = certificatesDir ?? certificatesDirectory(configured);
  const directories = [
    kubernetesDir,
    kubeletDir,
    ...(etcd === undefined ? [] : [etcd.flags.get('data-dir') ?? defaultEtcdDataDir]),
    '/var/lib/containerd',
    '/var/log/pods',
    '/var/log',
    '/run',
  ];
  const [
    fileSystems,
    addresses,
    certificates,
    memoryKills,
    endpoint,
    health,
    node,
    own,
    missing,
    duplicates,
  ] = await Promise.all([
    orElse(gatherFileSystems(host, directories), []),
    orElse(gatherAddresses(host), {}),
    orElse(read.certificates(directory), []),
    orElse(gatherMemoryKills(host), []),
    orElse(gatherEndpoint(host), undefined),
    orElse(gatherHealth(host, configured), []),
    withNode ? gatherNode(host, signal) : undefined,
    Promise.all([
      orElse(gatherKubeletPaths(host, configured), {}),
      orElse(gatherKubeletCertificate(host), {}),
    ]),
    orElse(gatherMissingManifests(host, configured), []),
    orElse(gatherDuplicateManifests(host), []),
  ]);
  return {
    now: host.clock.now().getTime(),
    fileSystems,
    certificates,
    memoryKills,
    missingManifests: missing,
    duplicateManifests: duplicates,
    cpuLimits: cpuLimits(configured),
    etcdServers: etcdServers(configured),
    health,
    ...addresses,
    ...own[0],
    ...own[1],
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(node === undefined ? {} : { node }),
  };
}

async function orElse<T, E>(work: Promise<T>, fallback: E): Promise<T | E> {
  return await work.catch(() => fallback);
}

/** Paths in the kubelet's configuration. */
async function gatherKubeletPaths(
  host: MachineHost,
  { kubelet }: Pick<Configured, 'kubelet'>,
): Promise<Pick<MachineFacts, 'resolvConf' | 'staticPodPath'>> {
  if (kubelet === undefined) return {};
  const { resolvConf: path, staticPodPath } = kubelet;
  const manifests = {
    staticPodPath: await linked(host, typeof staticPodPath === 'string' ? staticPodPath : ''),
  };
  if (typeof path !== 'string' || path === '') return manifests;
  return { ...manifests, resolvConf: { path, exists: (await host.files.stat(path)) !== undefined } };
}

/** Returns kubeadm's own directory of manifests if the path leads to it. */
async function linked({ files }: Pick<MachineHost, 'files'>, path: string): Promise<string> {
  if (path === '') return path;
  const real = async (one: string): Promise<string> => await files.realpath(one).catch(() => one);
  return (await real(path)) === (await real(manifestsDir)) ? manifestsDir : path;
}
