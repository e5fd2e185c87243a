/** The container runtime, through the CRI (runtime.v1), as kubeadm and its diagnosis need it. */

export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface PodSandbox {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly state: 'ready' | 'notready';
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
}

export interface ContainerStatus {
  readonly id: string;
  readonly podSandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  /** Only of exited containers. */
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Milliseconds since the epoch; 0 if the container has not started. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Path of the log on this machine. */
  readonly logPath: string;
}

/** Settings of containerd. Each is undefined if the runtime does not report it. */
export interface RuntimeSettings {
  /** The program that makes containers, such as `runc`, as a name or a path. */
  readonly lowLevelRuntime?: string;
  /** The cgroup driver of that program. containerd passes it on from SystemdCgroup of its configuration. */
  readonly cgroupDriver?: 'systemd' | 'cgroupfs';
  /** Why it could not load the CNI configuration. */
  readonly networkFault?: string;
}

export interface CriCallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Each call except a pull ends after 10 s. A failure is a `CriError` (gRPC code, message, what to do). An
 * aborted call fails with the code `canceled`.
 */
export interface CriClient {
  readonly version: (
    options?: CriCallOptions,
  ) => Promise<{ readonly runtimeName: string; readonly runtimeVersion: string }>;
  readonly conditions: (options?: CriCallOptions) => Promise<readonly RuntimeCondition[]>;
  /** The sandbox image from the runtime's own configuration; undefined if the runtime does not report it. */
  readonly sandboxImage: (options?: CriCallOptions) => Promise<string | undefined>;
  readonly settings: (options?: CriCallOptions) => Promise<RuntimeSettings>;
  /** The cgroup driver that RuntimeConfig reports. A runtime without that call fails with code `unimplemented`. */
  readonly cgroupDriver: (options?: CriCallOptions) => Promise<'systemd' | 'cgroupfs'>;
  readonly hasImage: (image: string, options?: CriCallOptions) => Promise<boolean>;
  readonly pullImage: (image: string, options?: CriCallOptions) => Promise<void>;
  readonly podSandboxes: (options?: CriCallOptions) => Promise<readonly PodSandbox[]>;
  readonly stopPodSandbox: (id: string, options?: CriCallOptions) => Promise<void>;
  readonly removePodSandbox: (id: string, options?: CriCallOptions) => Promise<void>;
  readonly containers: (options?: CriCallOptions) => Promise<readonly ContainerStatus[]>;
  /** Ends the container with SIGTERM, and with SIGKILL after a second. A container that does not exist is a success. */
  readonly stopContainer: (id: string, options?: CriCallOptions) => Promise<void>;
  readonly close: () => void;
}

/** `endpoint` as in criSocket: `unix:///run/…`, `unix:/run/…`, or a bare path. The first call opens the connection. */
export type CriConnect = (endpoint: string) => CriClient;
