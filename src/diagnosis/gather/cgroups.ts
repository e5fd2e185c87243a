/** The cgroup drivers of the kubelet and of the container runtime. */
import type { CriClient } from '../../clients/cri/cri-client.ts';
import { CriError } from '../../errors.ts';
import type { FileReads } from '../../host.ts';
import { writtenConfiguration } from '../../kubelet/written-configuration.ts';
import type { CgroupFacts } from '../setup-facts.ts';

interface Reads {
  readonly files: FileReads;
}

const argumentFiles = [
  '/var/lib/kubelet/kubeadm-flags.env',
  '/etc/default/kubelet',
  '/etc/sysconfig/kubelet',
];

/**
 * A kubelet of 1.31 or newer takes the driver of a runtime that knows the call RuntimeConfig, such as containerd 2. Source:
 * cmd/kubelet/app/server.go, getCgroupDriverFromCRI. Undefined if the runtime does not answer.
 */
export async function gatherCgroups(
  host: Reads,
  cri: Pick<CriClient, 'settings' | 'cgroupDriver'>,
): Promise<CgroupFacts | undefined> {
  try {
    const [isTaken, settings, kubelet] = await Promise.all([
      knowsDriver(cri),
      cri.settings(),
      configuredDriver(host),
    ]);
    const runtime = settings.cgroupDriver;
    return {
      isTaken,
      ...(kubelet === undefined ? {} : { kubelet }),
      ...(runtime === undefined ? {} : { runtime }),
    };
  } catch {
    return undefined;
  }
}

async function knowsDriver(cri: Pick<CriClient, 'cgroupDriver'>): Promise<boolean> {
  try {
    await cri.cgroupDriver();
    return true;
  } catch (error) {
    if (error instanceof CriError && error.grpcCode === 'unimplemented') return false;
    throw error;
  }
}

/** A deprecated argument of the kubelet counts more than its configuration, whose default is cgroupfs. */
async function configuredDriver(host: Reads): Promise<CgroupFacts['kubelet']> {
  const texts = argumentFiles.map(async (path) => await host.files.readText(path).catch(() => ''));
  if ((await Promise.all(texts)).some((text) => text.includes('--cgroup-driver'))) return undefined;
  const configuration = await writtenConfiguration(host);
  const driver = configuration === undefined ? undefined : (configuration.cgroupDriver ?? 'cgroupfs');
  return driver === 'systemd' || driver === 'cgroupfs' ? driver : undefined;
}
