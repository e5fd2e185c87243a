/** The slow-moving facts about a machine. Every part is bounded in time, and one that fails is left out. */
import type { Host } from '../../host.ts';
import { writtenConfiguration } from '../../kubelet/written-configuration.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import {
  defaultCertificatesDir,
  defaultEtcdDataDir,
  kubeletDir,
  kubernetesDir,
  manifestsDir,
} from '../../names.ts';
import type { EndpointFacts, MachineFacts } from '../facts.ts';
import { gatherCertificates } from './certificates.ts';
import { gatherFileSystems } from './file-systems.ts';
import { gatherHealth } from './health.ts';
import { gatherKubeletCertificate } from './kubelet-certificate.ts';
import { gatherCpuLimits, gatherMissingManifests } from './manifests.ts';
import { gatherMemoryKills } from './memory-kills.ts';
import { gatherAddresses, gatherEndpoint } from './network.ts';
import { gatherNode } from './node.ts';

export type MachineHost = Pick<Host, 'files' | 'exec' | 'net' | 'clock' | 'kube'>;

/** Without what only several looks know. */
export type MachineLook = Omit<MachineFacts, 'endpoint'> & {
  readonly endpoint?: Omit<EndpointFacts, 'failingMs'>;
};

export interface MachineQuestion {
  readonly certificatesDir?: string;
  /** Whether to ask the API server for the Node as well. */
  readonly withNode: boolean;
  readonly signal: AbortSignal;
}

export async function gatherMachine(
  host: MachineHost,
  { certificatesDir, signal, withNode }: MachineQuestion,
): Promise<MachineLook> {
  const etcd = await orElse(readManifest(host, 'etcd'), undefined);
  const directory = certificatesDir ?? (await certificatesDirectory(host));
  const directories = [
    kubernetesDir,
    kubeletDir,
    ...(etcd === undefined ? [] : [etcd.flags.get('data-dir') ?? defaultEtcdDataDir]),
    '/var/lib/containerd',
    '/var/log/pods',
    '/var/log',
    '/run',
  ];
  const [fileSystems, addresses, certificates, memoryKills, endpoint, health, node, own, missing] =
    await Promise.all([
      orElse(gatherFileSystems(host, directories), []),
      orElse(gatherAddresses(host), {}),
      orElse(gatherCertificates(host, directory), []),
      orElse(gatherMemoryKills(host), []),
      orElse(gatherEndpoint(host), undefined),
      orElse(gatherHealth(host), []),
      withNode ? gatherNode(host, signal) : undefined,
      Promise.all([
        orElse(gatherKubeletPaths(host), {}),
        orElse(gatherKubeletCertificate(host), {}),
        gatherCpuLimits(host).then((cpuLimits) => ({ cpuLimits })),
      ]),
      orElse(gatherMissingManifests(host), []),
    ]);
  return {
    now: host.clock.now().getTime(),
    fileSystems,
    certificates,
    memoryKills,
    missingManifests: missing,
    health,
    ...addresses,
    ...own[0],
    ...own[1],
    ...own[2],
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(node === undefined ? {} : { node }),
  };
}

async function orElse<T, E>(work: Promise<T>, fallback: E): Promise<T | E> {
  return await work.catch(() => fallback);
}

/** The directory that the API server's manifest names. */
export async function certificatesDirectory(host: Pick<MachineHost, 'files'>): Promise<string> {
  const manifest = await orElse(readManifest(host, 'kube-apiserver'), undefined);
  const file = manifest?.flags.get('client-ca-file') ?? '';
  return /^(.+)\/ca\.crt$/.exec(file)?.[1] ?? defaultCertificatesDir;
}

/** Paths in the kubelet's configuration. */
async function gatherKubeletPaths(
  host: MachineHost,
): Promise<Pick<MachineFacts, 'resolvConf' | 'staticPodPath'>> {
  const configuration = await writtenConfiguration(host);
  if (configuration === undefined) return {};
  const { resolvConf: path, staticPodPath } = configuration;
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
