/** CriClient over a gRPC transport. */
import { type Client, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';

import { CriError } from '../../errors.ts';
import { redact } from '../../lib/redact.ts';
import type { ContainerStatus as Container, CriCallOptions, CriClient, PodSandbox } from './cri-client.ts';
import { ImageService, RuntimeService } from './generated/cri_pb.ts';
import { sandboxImageOf, settingsOf } from './runtime-configuration.ts';

/** Upstream's limit is 2 s. The first answer can take longer on a busy machine, and while keys are made. */
const timeoutMs = 10_000;
/** The time of a container between SIGTERM and SIGKILL. */
const graceSeconds = 1n;

export interface CriConnection {
  readonly transport: Transport;
  readonly close: () => void;
}

/** The index is the number of the state in the protocol. */
const containerStates = ['created', 'running', 'exited', 'unknown'] as const;

/** Errors name the `endpoint`. */
export function createCriClient(endpoint: string, connection: CriConnection): CriClient {
  const call: Call = async (name, work) => {
    try {
      return await work();
    } catch (error) {
      throw criError(endpoint, name, error);
    }
  };
  const runtime = createClient(RuntimeService, connection.transport);
  const image = createClient(ImageService, connection.transport);
  return {
    ...runtimeCalls(runtime, call),
    ...imageCalls(image, call),
    ...podCalls(runtime, call),
    close: connection.close,
  };
}

type Runtime = Client<typeof RuntimeService>;

/** Makes a call of the protocol, and names it in its error. */
type Call = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The calls about the runtime itself. */
function runtimeCalls(
  runtime: Runtime,
  call: Call,
): Pick<CriClient, 'version' | 'conditions' | 'sandboxImage' | 'settings' | 'cgroupDriver'> {
  return {
    version: async (options) =>
      await call('Version', async () => {
        const { runtimeName, runtimeVersion } = await runtime.version({}, bounded(options));
        return { runtimeName, runtimeVersion };
      }),
    conditions: async (options) =>
      await call('Status', async () => {
        const { status } = await runtime.status({}, bounded(options));
        return (status?.conditions ?? []).map(({ type, status, reason, message }) => ({
          type,
          status,
          reason,
          message,
        }));
      }),
    sandboxImage: async (options) =>
      await call('Status', async () =>
        sandboxImageOf((await runtime.status({ verbose: true }, bounded(options))).info.config),
      ),
    settings: async (options) =>
      await call('Status', async () =>
        settingsOf((await runtime.status({ verbose: true }, bounded(options))).info),
      ),
    cgroupDriver: async (options) =>
      await call('RuntimeConfig', async () => {
        const { linux } = await runtime.runtimeConfig({}, bounded(options));
        return linux?.cgroupDriver === 1 ? 'cgroupfs' : 'systemd';
      }),
  };
}

function imageCalls(
  image: Client<typeof ImageService>,
  call: Call,
): Pick<CriClient, 'hasImage' | 'pullImage'> {
  return {
    hasImage: async (name, options) =>
      await call('ImageStatus', async () => {
        const found = (await image.imageStatus({ image: { image: name } }, bounded(options))).image;
        return found !== undefined && found.id !== '';
      }),
    pullImage: async (name, options) =>
      await call('PullImage', async () => {
        await image.pullImage({ image: { image: name } }, callOptions(options));
      }),
  };
}

/** The calls about sandboxes and their containers. */
function podCalls(
  runtime: Runtime,
  call: Call,
): Pick<CriClient, 'podSandboxes' | 'stopPodSandbox' | 'removePodSandbox' | 'containers' | 'stopContainer'> {
  return {
    podSandboxes: async (options) =>
      await call('ListPodSandbox', async () =>
        (await runtime.listPodSandbox({}, bounded(options))).items.map(
          ({ createdAt, id, metadata, state }): PodSandbox => ({
            id,
            name: metadata?.name ?? '',
            namespace: metadata?.namespace ?? '',
            uid: metadata?.uid ?? '',
            state: state === 0 ? 'ready' : 'notready',
            createdAt: milliseconds(createdAt),
          }),
        ),
      ),
    stopPodSandbox: async (id, options) => {
      await call(
        'StopPodSandbox',
        async () => await runtime.stopPodSandbox({ podSandboxId: id }, bounded(options)),
      );
    },
    removePodSandbox: async (id, options) => {
      await call(
        'RemovePodSandbox',
        async () => await runtime.removePodSandbox({ podSandboxId: id }, bounded(options)),
      );
    },
    containers: async (options) =>
      await call('ListContainers', async () => {
        const { containers } = await runtime.listContainers({}, bounded(options));
        const found = await Promise.all(
          containers.map(async ({ id, podSandboxId }) => {
            const answer = await unlessGone(runtime.containerStatus({ containerId: id }, bounded(options)));
            return answer && containerOf(id, podSandboxId, answer.status);
          }),
        );
        return found.filter((container) => container !== undefined);
      }),
    stopContainer: async (id, options) => {
      await call(
        'StopContainer',
        async () => await runtime.stopContainer({ containerId: id, timeout: graceSeconds }, bounded(options)),
      );
    },
  };
}

function callOptions({ signal }: CriCallOptions = {}): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function bounded(options: CriCallOptions | undefined): { timeoutMs: number; signal?: AbortSignal } {
  return { timeoutMs, ...callOptions(options) };
}

type Status = Awaited<ReturnType<Runtime['containerStatus']>>['status'];

/** Returns undefined for a container that was removed after the list was made. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch((error: unknown) => {
    if (ConnectError.from(error).code === Code.NotFound) return undefined;
    throw error;
  });
}

function milliseconds(nanoseconds: bigint | undefined): number {
  return Number((nanoseconds ?? 0n) / 1_000_000n);
}

function containerOf(id: string, podSandboxId: string, status: Status): Container {
  const state = containerStates[status?.state ?? 3] ?? 'unknown';
  return {
    id,
    podSandboxId,
    name: status?.metadata?.name ?? '',
    attempt: status?.metadata?.attempt ?? 0,
    state,
    ...(state === 'exited' && status !== undefined ? { exitCode: status.exitCode } : {}),
    ...(status?.reason ? { reason: status.reason } : {}),
    ...(status?.message ? { message: status.message } : {}),
    startedAt: milliseconds(status?.startedAt),
    finishedAt: milliseconds(status?.finishedAt),
    logPath: status?.logPath ?? '',
  };
}

function criError(endpoint: string, call: string, error: unknown): CriError {
  const found = ConnectError.from(error);
  // A runtime passes on the text of a registry, which can contain its URL with a password.
  const text = redact(found.rawMessage);
  const code = Code[found.code].replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  if (isAbsent(found)) {
    return new CriError('unavailable', `no container runtime answers on ${endpoint}: ${text}`, {
      cause: error,
      hint: 'Start the container runtime, or name its socket with --cri-socket.',
    });
  }
  return new CriError(code, `${call} of the container runtime on ${endpoint}: ${text} (${code})`, {
    cause: error,
  });
}

/** connect-es reports an absent socket as an internal error. */
function isAbsent(error: ConnectError): boolean {
  return (
    error.code === Code.Unavailable ||
    /ENOENT|ECONNREFUSED|EACCES|ENOTSOCK/.test(`${error.rawMessage} ${String(error.cause)}`)
  );
}
