import { staticPodsOf } from '../../cluster/wait-for-control-plane.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { registeredName } from '../../kubelet/environment.ts';
import { waitForKubelet } from '../../kubelet/health.ts';
import { askAgainWhenServed } from '../../tls-bootstrap/ask-again.ts';
import { bootstrapKubeconfigPath } from '../../tls-bootstrap/credentials.ts';
import { waitForClientCertificate } from '../../tls-bootstrap/wait.ts';
import type { JoinContext, JoinInput, JoinPhase } from './input.ts';

/**
 * Waits until the kubelet is healthy and has its client certificate. The kubeconfig with the bootstrap token is removed at
 * the end in every case. Source: cmd/phases/join/kubelet.go.
 */
export const kubeletWaitBootstrap: JoinPhase = {
  name: 'kubelet-wait-bootstrap',
  short: 'Wait until the kubelet has its client certificate',
  arguments: { usage: '', maximum: 1 },
  flags: ['config', 'cri-socket', 'dry-run'],
  inDryRun: { would: 'wait until the kubelet has its client certificate' },
  run: async (input, host, context) => {
    try {
      await waitForBootstrap(input, host, context);
    } finally {
      await host.files.remove(bootstrapKubeconfigPath);
    }
  },
};

async function waitForBootstrap(input: JoinInput, host: Host, context: JoinContext): Promise<void> {
  const { join } = input;
  const { emit, limitsStart: limitStart, signal } = context;
  const { nodeRegistration, timeouts } = join;
  const { criSocket } = nodeRegistration;
  const { cluster, kubelet } = await context.scope.cluster(context);
  const nodeName = await registeredName(host, nodeRegistration);
  const components = join.controlPlane === undefined ? [] : staticPodsOf(cluster);
  const health = { kubelet: kubelet.data, timeoutMs: timeouts.kubeletHealthCheck, criSocket, components };
  // The API server of this machine does not know the tokens when it starts. Those of the cluster do.
  const isLocal = join.controlPlane !== undefined;
  const looksWith = isLocal ? await context.scope.discovered(context) : undefined;
  const ended = new AbortController();
  const own = { emit, signal: AbortSignal.any([signal, ended.signal]) };
  const endBoth = (error: unknown): never => {
    ended.abort(error);
    throw error;
  };
  const served = new AbortController();
  const bootstrap = { ...own, nodeName, timeoutMs: timeouts.tlsBootstrap, limitStart, looksWith };
  const asking = { ...own, signal: AbortSignal.any([own.signal, served.signal]) };
  await Promise.allSettled([
    waitForKubelet(host, health, own).catch(endBoth),
    waitForClientCertificate(host, bootstrap)
      .catch(endBoth)
      .finally(() => served.abort()),
    askAgain(input, host, asking).catch(endBoth),
  ]);
  signal.throwIfAborted();
  ended.signal.throwIfAborted();
}

/** A control plane's kubelet asks the API server of its own machine, which starts later than the kubelet. */
async function askAgain(
  { join }: JoinInput,
  host: Host,
  { emit, signal }: Pick<JoinContext, 'emit' | 'signal'>,
): Promise<void> {
  if (join.controlPlane === undefined) return;
  if ((await host.files.stat(bootstrapKubeconfigPath)) === undefined) return;
  const client = host.kube(await loadKubeconfig(host, bootstrapKubeconfigPath));
  try {
    await askAgainWhenServed(host, { client, emit, signal });
  } finally {
    client.close();
  }
}
