import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { closedOnAbort, initClient, withInitClient } from '../../cluster/client.ts';
import {
  type ComponentEndpoint,
  componentEndpoints,
  controlPlaneComponents,
  kubeletHealthUrl,
  lastAnswer,
  waitForComponent,
  waitForUrl,
} from '../../cluster/health.ts';
import { containerEvidence, describeEvidence } from '../../diagnosis/evidence.ts';
import { causeError, watchForCause } from '../../diagnosis/watch.ts';
import { KubeadmError, messageOf } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import { showManifests, showUntilTaken } from '../../kubelet/show-manifests.ts';
import { kubeletConfigFile, kubeletEnvFile, manifestsDir } from '../../names.ts';
import type { PhaseContext } from '../../workflow/phase.ts';
import type { InitInput } from './input.ts';
import type { InitPhase } from './phase.ts';

type Context = PhaseContext<KubeadmEvent>;

const waitFailed = 'failed while waiting for the control plane to start';

/** The API server takes calls of an administrator: phases that only need that start after this one. */
const apiServer: InitPhase = {
  name: 'api-server',
  short: 'Wait until the API server can be used',
  hidden: true,
  run: async (input, host, context) => {
    if (host.dryRunDirectory !== undefined) return await showFiles(input, host, context);
    await untilCause(input, host, { context, wait: (own) => kubeletAndApiServer(input, host, own) });
  },
};

const components: InitPhase = {
  name: 'components',
  short: 'Wait until every component is healthy',
  hidden: true,
  run: async (input, host, context) => {
    if (host.dryRunDirectory !== undefined) return;
    const wait = (own: Context): Promise<void> =>
      withInitClient(input, host, own, (client) =>
        closedOnAbort(client, own.signal, () => waitForComponents(input, host, { client, context: own })),
      );
    await untilCause(input, host, { context, wait });
  },
};

/** The kubelet, the API server and the other components answer: what comes next can rely on them. */
export const waitControlPlane: InitPhase = {
  name: 'wait-control-plane',
  short: 'Wait until the control plane is up',
  flags: [],
  children: [apiServer, components],
};

interface Waiting {
  readonly context: Context;
  readonly wait: (context: Context) => Promise<void>;
}

/** Ends the wait early when the diagnosis finds a cause that will not heal. */
async function untilCause(input: InitInput, host: Host, { context, wait }: Waiting): Promise<void> {
  const done = new AbortController();
  const early = new AbortController();
  const { criSocket } = input.init.nodeRegistration;
  const watching = watchForCause(host, {
    criSocket,
    components: containerNames(input),
    since: input.startTime,
    signal: AbortSignal.any([context.signal, done.signal]),
  }).then((diagnosis) => {
    if (diagnosis !== undefined) early.abort(causeError(waitFailed, diagnosis));
  });
  // It is awaited below, whatever happens until then.
  watching.catch(() => undefined);
  try {
    await wait({ ...context, signal: AbortSignal.any([context.signal, early.signal]) });
  } finally {
    done.abort();
    await watching;
  }
}

function containerNames({ cluster }: InitInput): readonly string[] {
  return [...(cluster.etcd.external === undefined ? ['etcd'] : []), ...controlPlaneComponents];
}

/**
 * Waits for the kubelet and for the API server's first answer side by side: the first that fails ends both
 * (upstream asks the kubelet only once the API server has answered).
 */
async function kubeletAndApiServer(input: InitInput, host: Host, context: Context): Promise<void> {
  context.emit({
    type: 'progress',
    topic: 'wait-control-plane',
    message: `Waiting for the kubelet to start the control plane as static Pods from directory "${manifestsDir}"`,
  });
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const [kubelet, client] = await Promise.allSettled([
    waitForKubelet(input, host, { emit: context.emit, signal }).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
    initClient(input, host, { emit: context.emit, signal }).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  ]);
  if (client.status === 'fulfilled') client.value.close();
  context.signal.throwIfAborted();
  if (client.status === 'fulfilled' && kubelet.status === 'fulfilled') return;
  const cause: unknown = stop.signal.reason;
  const both = kubelet.status === 'rejected' && client.status === 'rejected' && client.reason === cause;
  const message = `${messageOf(cause)}${both ? ' (and the kubelet was not healthy by then)' : ''}`;
  throw await unhealthy(message, { input, host, context, cause });
}

async function waitForKubelet(input: InitInput, host: Host, context: Context): Promise<void> {
  const url = kubeletHealthUrl(input.kubelet.data);
  if (url === undefined) {
    const message = 'Skipping the kubelet health check because its healthz port is 0';
    context.emit({ type: 'progress', topic: 'kubelet-check', message });
    const { criSocket } = input.init.nodeRegistration;
    return await showUntilTaken(host, { criSocket, components: containerNames(input), context });
  }
  const timeoutMs = input.init.timeouts.kubeletHealthCheck;
  const what = `a healthy kubelet at ${url}`;
  context.emit({ type: 'waiting', topic: 'kubelet-check', for: what, timeoutMs });
  try {
    const milliseconds = await waitForUrl(host, url, { timeoutMs, signal: context.signal });
    context.emit({ type: 'waited', topic: 'kubelet-check', for: what, milliseconds });
  } catch (error) {
    context.signal.throwIfAborted();
    throw new KubeadmError('timeout', `the kubelet is not healthy at ${url}: ${lastAnswer(error)}`, {
      cause: error,
    });
  }
  context.signal.throwIfAborted();
  await showManifests(host, containerNames(input));
}

interface Running {
  readonly client: KubeClient;
  readonly context: Context;
}

async function waitForComponents(input: InitInput, host: Host, running: Running): Promise<void> {
  const { context } = running;
  const fail = async (reason: string, cause?: unknown): Promise<never> => {
    context.signal.throwIfAborted();
    throw await unhealthy(`${waitFailed}: ${reason}`, {
      input,
      host,
      context,
      cause,
    });
  };
  const endpoints = await componentEndpoints(host, input.init.localAPIEndpoint.advertiseAddress).catch(
    (error: unknown) => fail(messageOf(error), error),
  );
  const timeoutMs = input.init.timeouts.controlPlaneComponentHealthCheck;
  context.emit({ type: 'waiting', topic: 'control-plane-check', for: 'healthy components', timeoutMs });
  const failures = await Promise.all(
    endpoints.map((component) => checkComponent(host, component, { ...running, timeoutMs })),
  );
  const reasons = failures.filter((reason) => reason !== undefined);
  if (reasons.length > 0) await fail(reasons.join('; '));
}

/** The reason why it is not healthy; undefined when it is. */
async function checkComponent(
  host: Host,
  component: ComponentEndpoint,
  { client, context, timeoutMs }: Running & { readonly timeoutMs: number },
): Promise<string | undefined> {
  const { name, url } = component;
  const start = host.clock.monotonic();
  context.emit({ type: 'component-checking', component: name, url });
  try {
    const wait = { timeoutMs, signal: context.signal };
    const milliseconds = await waitForComponent(host, client, { component, wait });
    context.emit({ type: 'component-healthy', component: name, milliseconds });
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    const reason = lastAnswer(error);
    const milliseconds = host.clock.monotonic() - start;
    context.emit({ type: 'component-unhealthy', component: name, milliseconds, reason });
    return `${name} at ${url}: ${reason}`;
  }
}

interface Failure {
  readonly input: InitInput;
  readonly host: Host;
  readonly context: Context;
  readonly cause: unknown;
}

/** The error with what the container runtime knows: upstream names no container. */
async function unhealthy(message: string, { cause, context, host, input }: Failure): Promise<KubeadmError> {
  const { criSocket } = input.init.nodeRegistration;
  const evidence = await containerEvidence(host, { criSocket, components: containerNames(input) });
  for (const text of (evidence ?? []).map(describeEvidence)) {
    if (text !== undefined) context.emit({ type: 'warning', code: 'container-evidence', message: text });
  }
  if (evidence === undefined) {
    const text = `the container runtime at ${criSocket} does not answer, so nothing is known of the containers`;
    context.emit({ type: 'warning', code: 'container-runtime-silent', message: text });
  }
  return new KubeadmError('control-plane-unhealthy', message, {
    cause,
    hint: help(criSocket),
    details: { criSocket, containers: evidence ?? [] },
  });
}

function help(criSocket: string): string {
  return [
    'Look at the kubelet and at the containers that it started:',
    '  systemctl status kubelet',
    '  journalctl -xeu kubelet',
    `  crictl --runtime-endpoint ${criSocket} ps -a | grep kube | grep -v pause`,
    `  crictl --runtime-endpoint ${criSocket} logs CONTAINERID`,
  ].join('\n');
}

/** A dry run shows what it wrote, but for certificates and kubeconfigs, and waits for nothing. */
async function showFiles(input: InitInput, host: Host, { emit }: Context): Promise<void> {
  const directory = host.dryRunDirectory ?? '';
  const say = (message: string): void => emit({ type: 'progress', topic: 'dryrun', message });
  say(`Certificates, kubeconfig files and manifests are in the "${directory}" directory`);
  say('Certificates and kubeconfig files are not printed, because they hold keys');
  const manifests = controlPlaneComponents.map((name) => `${manifestsDir}/${name}.yaml`);
  for (const path of [...manifests, kubeletConfigFile, kubeletEnvFile]) {
    if ((await host.files.stat(path)) === undefined) continue;
    emit({ type: 'would-write', path, content: await host.files.readText(path) });
  }
  const url = kubeletHealthUrl(input.kubelet.data);
  if (url !== undefined)
    say(`Would wait until the kubelet answers 200 at ${url}, and the components after it`);
}
