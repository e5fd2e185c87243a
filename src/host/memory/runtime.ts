/** The container runtime of a memory host. */
import type {
  ContainerStatus,
  CriClient,
  CriConnect,
  PodSandbox,
  RuntimeCondition,
  RuntimeSettings,
} from '../../clients/cri/cri-client.ts';
import { CriError } from '../../errors.ts';
import type { WriteGate } from './gate.ts';

export interface MemoryRuntime {
  readonly connect: CriConnect;
  /** While false, every call fails as if nothing listened on the socket. */
  reachable: boolean;
  name: string;
  version: string;
  conditions: readonly RuntimeCondition[];
  sandboxImage: string | undefined;
  settings: RuntimeSettings;
  /** undefined means that the runtime does not know the call (containerd before 2.0). */
  cgroupDriver: 'systemd' | 'cgroupfs' | undefined;
  readonly images: Set<string>;
  /** Images whose pull fails, with the message. A function is called for each pull. */
  readonly pullErrors: Map<string, string | (() => string | undefined)>;
  readonly sandboxes: Map<string, PodSandbox>;
  readonly containers: Map<string, ContainerStatus>;
  /** Sandboxes and containers that cannot be stopped or removed, with the message. */
  readonly stopErrors: Map<string, string>;
  readonly removeErrors: Map<string, string>;
  /** Calls in order: `version`, `pullImage registry.k8s.io/pause:3.10.2`. */
  readonly calls: readonly string[];
}

export function createMemoryRuntime(gate: WriteGate): MemoryRuntime {
  const calls: string[] = [];
  const runtime: MemoryRuntime = {
    reachable: true,
    name: 'containerd',
    version: 'v2.1.9',
    conditions: [
      { type: 'RuntimeReady', status: true, reason: '', message: '' },
      { type: 'NetworkReady', status: true, reason: '', message: '' },
    ],
    sandboxImage: 'registry.k8s.io/pause:3.10.2',
    settings: {},
    cgroupDriver: 'systemd',
    images: new Set(),
    pullErrors: new Map(),
    sandboxes: new Map(),
    containers: new Map(),
    stopErrors: new Map(),
    removeErrors: new Map(),
    calls,
    connect: (endpoint) => {
      const enter: Enter = (call) => {
        gate.check();
        calls.push(call);
        if (runtime.reachable) return;
        throw new CriError('unavailable', `no container runtime answers on ${endpoint}`, {
          hint: `Start the container runtime, or name its socket with --cri-socket.`,
        });
      };
      const parts = { runtime, gate, enter };
      return {
        ...runtimeCalls(parts),
        ...imageCalls(parts),
        ...sandboxCalls(parts),
        ...containerCalls(parts),
        close: () => undefined,
      };
    },
  };
  return runtime;
}

/** Begins a call. It fails if the runtime does not answer. */
type Enter = (call: string) => void;

interface Parts {
  readonly runtime: MemoryRuntime;
  readonly gate: WriteGate;
  readonly enter: Enter;
}

function runtimeCalls({
  enter,
  runtime,
}: Parts): Pick<CriClient, 'version' | 'conditions' | 'sandboxImage' | 'settings' | 'cgroupDriver'> {
  return {
    version: async () => {
      enter('version');
      return { runtimeName: runtime.name, runtimeVersion: runtime.version };
    },
    conditions: async () => {
      enter('conditions');
      return runtime.conditions;
    },
    sandboxImage: async () => {
      enter('sandboxImage');
      return runtime.sandboxImage;
    },
    settings: async () => {
      enter('settings');
      return runtime.settings;
    },
    cgroupDriver: async () => {
      enter('cgroupDriver');
      if (runtime.cgroupDriver !== undefined) return runtime.cgroupDriver;
      throw new CriError(
        'unimplemented',
        'unknown method RuntimeConfig for service runtime.v1.RuntimeService',
      );
    },
  };
}

function imageCalls({ enter, gate, runtime }: Parts): Pick<CriClient, 'hasImage' | 'pullImage'> {
  return {
    hasImage: async (image) => {
      enter(`hasImage ${image}`);
      return runtime.images.has(image);
    },
    pullImage: async (image) => {
      enter(`pullImage ${image}`);
      const planned = runtime.pullErrors.get(image);
      const error = typeof planned === 'function' ? planned() : planned;
      if (error !== undefined) throw new CriError('unknown', `pull of ${image} failed: ${error}`);
      gate.write('cri', `pullImage ${image}`, () => runtime.images.add(image));
    },
  };
}

function sandboxCalls({
  enter,
  gate,
  runtime,
}: Parts): Pick<CriClient, 'podSandboxes' | 'stopPodSandbox' | 'removePodSandbox'> {
  return {
    podSandboxes: async () => {
      enter('podSandboxes');
      return [...runtime.sandboxes.values()];
    },
    stopPodSandbox: async (id) => {
      enter(`stopPodSandbox ${id}`);
      const error = runtime.stopErrors.get(id);
      if (error !== undefined) throw new CriError('unknown', error);
      gate.write('cri', `stopPodSandbox ${id}`, () => {
        const sandbox = runtime.sandboxes.get(id);
        if (sandbox !== undefined) runtime.sandboxes.set(id, { ...sandbox, state: 'notready' });
      });
    },
    removePodSandbox: async (id) => {
      enter(`removePodSandbox ${id}`);
      const error = runtime.removeErrors.get(id);
      if (error !== undefined) throw new CriError('unknown', error);
      gate.write('cri', `removePodSandbox ${id}`, () => {
        runtime.sandboxes.delete(id);
        for (const [key, { podSandboxId }] of runtime.containers) {
          if (podSandboxId === id) runtime.containers.delete(key);
        }
      });
    },
  };
}

function containerCalls({ enter, gate, runtime }: Parts): Pick<CriClient, 'containers' | 'stopContainer'> {
  return {
    containers: async () => {
      enter('containers');
      return [...runtime.containers.values()];
    },
    stopContainer: async (id) => {
      enter(`stopContainer ${id}`);
      const error = runtime.stopErrors.get(id);
      if (error !== undefined) throw new CriError('unknown', error);
      gate.write('cri', `stopContainer ${id}`, () => {
        const container = runtime.containers.get(id);
        if (container !== undefined)
          runtime.containers.set(id, { ...container, state: 'exited', exitCode: 0 });
      });
    },
  };
}
