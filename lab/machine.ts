/** The limits of this machine, and the changes of a lab for them in containerd and in the configuration for `init`. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

export interface Machine {
  /** Whether there is CAP_SYS_RESOURCE. Without it, no OOM score can be lowered and no limit raised. */
  readonly sysResource: boolean;
  /** 2 for the unified hierarchy only, and 1 for version 1 or hybrid. */
  readonly cgroupVersion: 1 | 2;
}

/** A change and its reason, as a sentence. */
export interface Adaptation {
  readonly what: string;
  readonly why: string;
}

export interface Adaptations {
  readonly list: readonly Adaptation[];
  /** A KubeletConfiguration document. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  /** A KubeProxyConfiguration document. */
  readonly kubeProxy: Readonly<Record<string, unknown>>;
  /** The value of `nodeRegistration.imagePullPolicy`. */
  readonly imagePullPolicy: 'IfNotPresent';
  /** The value of `nodeRegistration.ignorePreflightErrors`. */
  readonly ignorePreflightErrors: readonly string[];
  readonly containerd: { readonly restrictOomScoreAdj: boolean; readonly systemdCgroup: boolean };
}

const capSysResource = 24n;

/** Whether the bit of CAP_SYS_RESOURCE is set in the CapEff line of a /proc/PID/status. */
export function hasSysResource(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> capSysResource) & 1n) === 1n;
}

export async function inspectMachine(): Promise<Machine> {
  return {
    sysResource: hasSysResource(await readFile('/proc/self/status', 'utf8')),
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
  };
}

export function adaptations(machine: Machine): Adaptations {
  const list: Adaptation[] = [
    {
      what: 'imagePullPolicy: IfNotPresent',
      why: 'the lab has no registry; every image is imported beforehand',
    },
    {
      what: 'kube-proxy conntrack.maxPerCore: 0',
      why: 'nf_conntrack_max belongs to the whole machine and is read-only in a node',
    },
  ];
  const kubelet: Record<string, unknown> = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  };
  list.push({
    what: 'kubelet evictionHard at 1 % of the disk, no image garbage collection',
    why: 'nodes share the disk of this machine, which may well be fuller than a server should be',
  });
  const kubeProxy: Record<string, unknown> = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    conntrack: { maxPerCore: 0 },
  };
  if (!machine.sysResource) {
    kubelet.oomScoreAdj = 0;
    kubeProxy.oomScoreAdj = 0;
    list.push({
      what: 'containerd restrict_oom_score_adj, kubelet and kube-proxy oomScoreAdj: 0',
      why: 'this machine has no CAP_SYS_RESOURCE, so no OOM score can be lowered',
    });
  }
  if (machine.cgroupVersion === 1) {
    kubelet.failCgroupV1 = false;
    kubelet.cgroupDriver = 'cgroupfs';
    list.push({
      what: 'kubelet failCgroupV1: false and cgroupDriver: cgroupfs, SystemVerification ignored',
      why: 'this machine has control groups of version 1, which Kubernetes 1.35 and later refuse by default',
    });
  }
  return {
    list,
    kubelet,
    kubeProxy,
    imagePullPolicy: 'IfNotPresent',
    ignorePreflightErrors: machine.cgroupVersion === 1 ? ['SystemVerification'] : [],
    containerd: { restrictOomScoreAdj: !machine.sysResource, systemdCgroup: machine.cgroupVersion === 2 },
  };
}

const inotify = '/proc/sys/fs/inotify/max_user_instances';
/** A control plane has about 27 inotify instances, and all nodes of all labs share the limit of the user root. */
const enoughInstances = 8192;

/**
 * Raises the machine's limit of inotify instances, which is 128 on many systems. With too few, a kubelet or a controller
 * manager ends with "too many open files" on the fifth node. The limit stays until the machine restarts. Returns the line to
 * report, or undefined if the limit was high enough.
 */
export async function raiseInotifyLimit(): Promise<string | undefined> {
  const limit = Number(await readFile(inotify, 'utf8').catch(() => enoughInstances));
  if (limit >= enoughInstances) return undefined;
  const setting = 'fs.inotify.max_user_instances';
  try {
    await writeFile(inotify, String(enoughInstances));
    return `raised ${setting} of this machine from ${limit} to ${enoughInstances}`;
  } catch {
    return `${setting} is ${limit} and cannot be raised: clusters of more than four nodes will fail`;
  }
}
