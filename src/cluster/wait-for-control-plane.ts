/** Waiting for the control plane on this machine, for every command that starts one. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration, Timeouts } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { lastAnswer, waitForKubelet } from '../kubelet/health.ts';
import { controlPlaneComponents, manifestsDir } from '../names.ts';
import { type ComponentEndpoint, componentEndpoints, waitForComponent } from './health.ts';

/** The beginning of an error that names the cause. */
export const waitFailed = 'failed while waiting for the control plane to start';

interface WaitContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

type WaitHost = Pick<Host, 'net' | 'clock' | 'files' | 'cri'>;

/** The containers of the static Pods on this machine, by the order in which they depend on each other. */
export function staticPodsOf({ etcd }: ClusterConfiguration): readonly string[] {
  return [...(etcd.external === undefined ? ['etcd'] : []), ...controlPlaneComponents];
}

export interface StartWait {
  /** KubeletConfiguration. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  readonly timeouts: Pick<Timeouts, 'kubeletHealthCheck'>;
  readonly criSocket: string;
  readonly components: readonly string[];
  /** Ends when the API server has taken a call, or fails when its time is over. */
  readonly connect: (context: WaitContext) => Promise<unknown>;
}

/**
 * Waits for the kubelet and for the API server's first answer side by side: the first that fails ends both.
 * (Upstream asks the kubelet only once the API server has answered.)
 *
 * @throws KubeadmError `control-plane-unhealthy`; the signal's reason
 */
export async function waitForKubeletAndApiServer(
  host: WaitHost,
  wait: StartWait,
  { emit, signal }: WaitContext,
): Promise<void> {
  emit({
    type: 'progress',
    topic: 'wait-control-plane',
    message: `Waiting for the kubelet to start the control plane as static Pods from directory "${manifestsDir}"`,
  });
  const stop = new AbortController();
  const own = { emit, signal: AbortSignal.any([signal, stop.signal]) };
  const stopBoth = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const [kubelet, apiServer] = await Promise.allSettled([
    waitForKubelet(host, { ...wait, timeoutMs: wait.timeouts.kubeletHealthCheck }, own).catch(stopBoth),
    wait.connect(own).catch(stopBoth),
  ]);
  signal.throwIfAborted();
  if (apiServer.status === 'fulfilled' && kubelet.status === 'fulfilled') return;
  const cause: unknown = stop.signal.reason;
  const both = kubelet.status === 'rejected' && apiServer.status === 'rejected' && apiServer.reason === cause;
  const message = `${messageOf(cause)}${both ? ' (and the kubelet was not healthy by then)' : ''}`;
  throw new KubeadmError('control-plane-unhealthy', message, { cause });
}

export interface ComponentsWait {
  readonly client: KubeClient;
  /** Of localAPIEndpoint. */
  readonly advertiseAddress: string;
  /** timeouts.controlPlaneComponentHealthCheck, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Waits until each component is healthy at the address that its manifest names.
 *
 * @throws KubeadmError `control-plane-unhealthy`; the signal's reason
 */
export async function waitForComponents(
  host: WaitHost,
  { advertiseAddress, client, timeoutMs }: ComponentsWait,
  context: WaitContext,
): Promise<void> {
  const fail = (reason: string, cause?: unknown): never => {
    context.signal.throwIfAborted();
    throw new KubeadmError('control-plane-unhealthy', `${waitFailed}: ${reason}`, { cause });
  };
  const endpoints = await componentEndpoints(host, advertiseAddress).catch((error: unknown) =>
    fail(messageOf(error), error),
  );
  context.emit({ type: 'waiting', topic: 'control-plane-check', for: 'healthy components', timeoutMs });
  const failures = await Promise.all(
    endpoints.map((component) => checkComponent(host, { client, component, timeoutMs }, context)),
  );
  const reasons = failures.filter((reason) => reason !== undefined);
  if (reasons.length > 0) fail(reasons.join('; '));
}

interface ComponentWait {
  readonly client: KubeClient;
  readonly component: ComponentEndpoint;
  readonly timeoutMs: number;
}

/** The reason why the component is not healthy; undefined when it is healthy. */
async function checkComponent(
  host: WaitHost,
  { client, component, timeoutMs }: ComponentWait,
  { emit, signal }: WaitContext,
): Promise<string | undefined> {
  const { name, url } = component;
  const start = host.clock.monotonic();
  emit({ type: 'component-checking', component: name, url });
  try {
    const milliseconds = await waitForComponent(host, client, { component, wait: { timeoutMs, signal } });
    emit({ type: 'component-healthy', component: name, milliseconds });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const reason = lastAnswer(error);
    const milliseconds = host.clock.monotonic() - start;
    emit({ type: 'component-unhealthy', component: name, milliseconds, reason });
    return `${name} at ${url}: ${reason}`;
  }
}
