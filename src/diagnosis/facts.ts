/**
 * What is known about a machine, as plain data without secrets. A `Snapshot` is what one look sees. A `History` is what
 * several looks of a wait add to it, or what systemd and the container runtime remember themselves.
 */

import type { ContainerStatus } from '../clients/cri/cri-client.ts';
import type { ConnectionOutcome } from '../host.ts';
import type { ProcessFacts } from './process-facts.ts';
import type { CgroupFacts, DuplicateManifestFacts, OldCertificateFacts, ProxyFacts } from './setup-facts.ts';

/** A run of a container that has ended. */
export interface EndedRun {
  /** The number of the run. It continues from the logs of earlier containers of the Pod. */
  readonly attempt: number;
  readonly exitCode: number;
  /** The runtime's words, without secrets. */
  readonly reason: string;
  readonly message: string;
  /** The time from its start to its end in milliseconds; 0 if it never started. */
  readonly ranMs: number;
  /** The time of its end, in milliseconds since 1970. */
  readonly endedAt?: number;
  /** The first and the last lines of its log, oldest first, without time stamps and secrets. */
  readonly log: readonly string[];
}

export interface ComponentFacts {
  /** The name of the container, such as `etcd` or `kube-apiserver`. */
  readonly name: string;
  /** The state of the newest container. With `no-container` there is only a sandbox. */
  readonly state: 'no-sandbox' | 'no-container' | ContainerStatus['state'];
  /** The number of runs that ended and count. `runs` can have fewer, if one was removed before it was read. */
  readonly exits: number;
  readonly runs: readonly EndedRun[];
  /** Milliseconds since its sandbox was made; undefined without one, and if a container runs. */
  readonly sandboxForMs?: number;
  /** Milliseconds since the newest container started; undefined unless it runs. */
  readonly runsForMs?: number;
  /** The first and last lines of a container that runs and is not healthy. */
  readonly runningLog?: readonly string[];
}

export interface EndedKubelet {
  readonly exitCode: number;
  readonly log: readonly string[];
}

/** systemd's own exit codes begin here. With one of them, it could not start the program. */
export const firstSystemdCode = 200;

/** A unit of systemd. */
export interface UnitFacts {
  /** `loaded`, `masked`, `not-found`, `bad-setting` or `error`. */
  readonly load: string;
  /** `active`, `activating` (also: waits for its next start), `inactive` or `failed` (given up). */
  readonly state: string;
  /** Why the last process ended: `success`, `exit-code`, `signal`, `oom-kill`, `start-limit-hit` … */
  readonly result: string;
  /** The exit code of the last process, or one from `firstSystemdCode` on. */
  readonly exitCode: number;
  /** Whether the unit starts with the machine: `enabled`, `disabled`, `static` … Undefined if systemd does not report it. */
  readonly fileState?: string;
  /** Its process; undefined if it has none. */
  readonly pid?: number;
  /** Whether a request is left, for example to start it after a unit that is not ready yet. */
  readonly isQueued?: boolean;
  /** The time of the last change of its state, in milliseconds since 1970. */
  readonly since?: number;
}

export interface KubeletFacts {
  /** The state in systemd: `active`, `activating` (waits for its next start) or `failed` (given up). */
  readonly state: string;
  readonly unit?: UnitFacts;
  /** The number of ends since systemd last got the request to start it. */
  readonly exitsEver: number;
  /** The number of ends since the wait began. */
  readonly exits: number;
  /** The ends that were seen, including the one before the wait, oldest first. */
  readonly runs: readonly EndedKubelet[];
  /** Whether its unit starts it without `--config`; undefined when the unit does not show it. */
  readonly withoutConfig?: boolean;
  /** Why systemd does not start its program, as a clause. Undefined if the program was started or this is unknown. */
  readonly hindrance?: string;
  /** Its process, if its health endpoint does not answer. */
  readonly process?: ProcessFacts;
}

/** An image that the kubelet could not get, from its journal. */
export interface PullFailure {
  readonly image: string;
  readonly message: string;
  /** Whether imagePullPolicy is Never, so that the kubelet does not pull. */
  readonly never: boolean;
  /** The UIDs of the Pods of which the kubelet reports that they wait for the image. Undefined if it names none. */
  readonly pods?: readonly string[];
  /** The time when it was read, in milliseconds since the wait began. */
  readonly at: number;
}

/** The failure of a Pod that has had no sandbox since. */
export interface SandboxFailure {
  /** The Pod, such as `kube-system/etcd-node1`. */
  readonly pod: string;
  readonly message: string;
  readonly at: number;
}

/** A failure of the kubelet with a Pod that has nothing to do with its sandbox or its images. */
export interface PodFailure {
  /** The Pod, such as `kube-system/etcd-node1`, or the path of a manifest. */
  readonly pod: string;
  readonly message: string;
  readonly at: number;
}

/** What the kubelet itself cannot do, such as to register its Node or to listen on the port of its health. */
export interface NodeFailure {
  readonly kind: 'register' | 'disk-pressure' | 'health-port';
  readonly message: string;
  readonly at: number;
}

export interface RuntimeFacts {
  /** Undefined if it answers. */
  readonly error?: string;
  /** The milliseconds for which it has not answered. A single look counts as a minute. */
  readonly silentMs: number;
  /** The unit whose name fits the socket, such as `containerd`. Undefined if it is unknown. */
  readonly service?: string;
  readonly unit?: UnitFacts;
  /** Its last lines in the journal, if it is not active. */
  readonly log: readonly string[];
  /** Its process, if it does not answer. */
  readonly process?: ProcessFacts;
  /**
   * Its condition NetworkReady; undefined if it does not report it. The message is the error of the CNI configuration if the
   * runtime reports one.
   */
  readonly network?: { readonly ready: boolean; readonly message: string };
}

export interface FileSystemFacts {
  /** A directory of the node, such as `/var/lib/etcd`. */
  readonly path: string;
  readonly mountPoint: string;
  readonly freeBytes?: number;
  /** Undefined if the file system does not count inodes. */
  readonly freeInodes?: number;
  readonly readOnly: boolean;
  readonly noExec: boolean;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Undefined if the system does not show it. */
  readonly program?: string;
  readonly pid?: number;
}

export interface CertificateFacts {
  /** The path of the certificate, or of the kubeconfig that has it. */
  readonly path: string;
  /** The name as `certs renew` has it, such as `apiserver` or `admin.conf`. */
  readonly name: string;
  readonly isAuthority: boolean;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** False if the key beside it belongs to another certificate. */
  readonly keyFits?: boolean;
  /** False if the authority's certificate on this machine did not sign it. */
  readonly isTrusted?: boolean;
}

/** The name of the certificate that the kubelet got in its bootstrap or by rotation. */
export const kubeletClientName = 'kubelet-client';

/** The answer of a health endpoint. */
export interface HealthFacts {
  readonly component: string;
  readonly url: string;
  readonly isHealthy: boolean;
  /** The status and the failed checks, or the error of the connection. */
  readonly answer: string;
  /** Whether something answered at all. */
  readonly answers: boolean;
  /** Whether the TCP connection got no answer, neither an acceptance nor a refusal. Defaults to false. */
  readonly isSilent?: boolean;
  /** The milliseconds for which every look found it healthy. A single look counts as nothing. */
  readonly healthyMs?: number;
}

/** A condition of the Node that is not as it should be, or a failed read of the Node. */
export interface NodeFacts {
  readonly name: string;
  readonly exists: boolean;
  readonly problems: readonly {
    readonly type: string;
    readonly reason: string;
    readonly message: string;
    readonly since?: number;
  }[];
}

/** The server that the kubelet connects to, from its kubeconfig. */
export interface EndpointFacts {
  readonly server: string;
  readonly host: string;
  /** The addresses of the host. Undefined if the name does not resolve. */
  readonly addresses?: readonly string[];
  /** Why the name does not resolve. */
  readonly lookupError?: string;
  /** Whether the resolver only took too long. It waits 5 s for a name server that is down, and then asks the next one. */
  readonly isLookupLate?: boolean;
  /** Whether this machine has a route to one of the addresses. Only asked if the server does not answer. */
  readonly hasRoute?: boolean;
  /** Why the server does not answer. */
  readonly error?: string;
  /** Whole seconds by which the clock of the server is ahead of that of this machine; undefined if no answer had a time. */
  readonly aheadSeconds?: number;
  /**
   * The milliseconds for which every look failed, although the API server of this machine, if it has one, was healthy. An API
   * server that is not healthy does not count for a name that does not resolve. A single look counts as a minute.
   */
  readonly failingMs: number;
}

/** Slow-moving facts about the machine. A part that could not be read is undefined. */
export interface MachineFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly fileSystems: readonly FileSystemFacts[];
  readonly loopback?: { readonly up: boolean; readonly hasAddress: boolean };
  /** All addresses of the machine, without prefix lengths. */
  readonly addresses?: readonly string[];
  readonly certificates: readonly CertificateFacts[];
  /** Static Pods of a control plane whose manifests are not on this machine. Empty on a worker. */
  readonly missingManifests: readonly string[];
  /** Undefined if they could not be listed. */
  readonly duplicateManifests?: readonly DuplicateManifestFacts[];
  /** resolvConf of the kubelet's configuration; undefined without one. */
  readonly resolvConf?: { readonly path: string; readonly exists: boolean };
  /**
   * staticPodPath of the kubelet's configuration; undefined without a configuration, empty if it is not set. A link to
   * kubeadm's own directory of manifests is replaced by that directory.
   */
  readonly staticPodPath?: string;
  /** The limits of processor time in the manifests, in thousandths of a processor. A component without one is not in it. */
  readonly cpuLimits?: Readonly<Record<string, number>>;
  /** The addresses in etcd-servers of the API server's manifest, such as `127.0.0.1:2379`. */
  readonly etcdServers?: readonly string[];
  /** Lines of the kernel's log about processes that were killed because memory ran out, oldest first. */
  readonly memoryKills: readonly string[];
  readonly endpoint?: EndpointFacts;
  readonly health: readonly HealthFacts[];
  readonly node?: NodeFacts;
  /** Whether the kubelet has a client certificate of this cluster, so that its bootstrap is over. */
  readonly kubeletHasCertificate?: boolean;
}

/** What one look sees. */
export interface Snapshot {
  readonly criSocket: string;
  /** Undefined while it has not been asked. */
  readonly runtime?: RuntimeFacts;
  /** Undefined until it was gathered. It takes longer than the rest. */
  readonly machine?: MachineFacts;
  /** The outcomes of connections to the addresses that components say they cannot connect to, such as `10.0.0.4:2379`. */
  readonly connections?: Readonly<Record<string, ConnectionOutcome>>;
  /** Paths that the last messages of components name, with whether this machine has them. */
  readonly namedPaths?: Readonly<Record<string, boolean>>;
  /** The programs that listen, once a component reports that its port is in use. */
  readonly listeners?: readonly Listener[];
  /** The cgroup drivers, once a sandbox fails because of its cgroup, or a component was killed. */
  readonly cgroups?: CgroupFacts;
  /** Asked once a request may have failed at a proxy, or when a command has failed. */
  readonly proxies?: readonly ProxyFacts[];
  /** Only `doctor` asks for them. */
  readonly oldCertificates?: readonly OldCertificateFacts[];
  /** What the low-level runtime replies when it is asked for its version, if it fails. */
  readonly lowLevelRuntime?: { readonly program: string; readonly error: string };
}

/** What several looks know, or what systemd, the journal and the runtime remember. */
export interface History {
  /** Milliseconds since the wait began. A single look has the age of what it sees, which is a minute. */
  readonly elapsedMs: number;
  /** In the order of their dependencies, with etcd first; undefined if the runtime did not answer. */
  readonly components?: readonly ComponentFacts[];
  /** Undefined if systemd does not answer. */
  readonly kubelet?: KubeletFacts;
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
  readonly podFailures?: readonly PodFailure[];
  readonly nodeFailures?: readonly NodeFailure[];
  /** The processes that the runtime has started to make containers, while the control plane has no sandbox. */
  readonly starting?: ProcessFacts;
  /** The images of `pulls` that the runtime does not have now. */
  readonly absentImages: readonly string[];
}

/** Everything that the rules read. */
export type Facts = Snapshot & History;
