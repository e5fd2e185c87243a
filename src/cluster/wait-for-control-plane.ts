/** Waits for the control plane on this machine. All commands that start one use it. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration, Timeouts } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { lastAnswer, waitForKubelet } from '../kubelet/health.ts';
import { controlPlaneComponents, manifestsDir } from '../names.ts';
import { type ComponentEndpoint, componentEndpoints, waitForComponent } from './health.ts';

/** The beginning of an error message that then names the cause. */
export const waitFailed = 'failed while waiting for the control plane to start';

interface WaitContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

type WaitHost = Pick<Host, 'net' | 'clock' | 'files' | 'cri'>;

/** Returns the names of the static Pods on this machine. Each comes after those that it depends on. */
export function staticPodsOf({ etcd }: ClusterConfiguration): readonly string[] {
  return [...(etcd.external === undefined ? ['etcd'] : []), ...controlPlaneComponents];
}

export interface StartWait {
  /** KubeletConfiguration. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  readonly timeouts: Pick<Timeouts, 'kubeletHealthCheck'>;
  readonly criSocket: string;
  readonly components: readonly string[];
  /** Resolves when the API server has accepted a call. Rejects after its time limit. */
  readonly connect: (context: WaitContext) => Promise<unknown>;
}

/**
 * Waits for the kubelet and for the API server's first answer in parallel. The first failure ends both waits. Upstream
 * checks the kubelet only after the API server has answered.
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
  /** The advertiseAddress of localAPIEndpoint. */
  readonly advertiseAddress: string;
  /** timeouts.controlPlaneComponentHealthCheck, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Waits until each component is healthy at the address in its manifest.
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

/** Returns the reason why the component is not healthy, or undefined if it is healthy. */
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
