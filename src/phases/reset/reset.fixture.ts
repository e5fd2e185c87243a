import type { ClusterConfiguration } from '../../config/hub.ts';
import { defaultCluster } from '../../config/v1beta4/defaults.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import type { ResetInput, ResetOptions, ResetPhase } from './input.ts';

export const configuration = defaultCluster({
  kubernetesVersion: 'v1.36.2',
  etcd: { local: { dataDir: '/data/etcd' } },
});

export interface Change extends Partial<Omit<ResetInput, 'options'>> {
  readonly options?: Partial<ResetOptions>;
}

export function resetInput({ options, ...change }: Change = {}): ResetInput {
  return {
    options: { dryRun: false, force: false, cleanupTmpDir: false, ignorePreflightErrors: [], ...options },
    certificatesDir: '/etc/kubernetes/pki',
    criSocket: 'unix:///run/x.sock',
    unmountFlags: [],
    timeouts: { kubernetesAPICall: 60_000, etcdAPICall: 120_000 },
    cluster: undefined,
    unfinished: undefined,
    ...change,
  };
}

export function inCluster(kubeconfig: Kubeconfig, change: Partial<ClusterConfiguration> = {}) {
  return { kubeconfig, configuration: { ...configuration, ...change }, advertiseAddress: '10.0.0.5' };
}

/** Runs one phase. `lines` are the lines that the user reads, as `warning …` and `[topic] …`. */
export async function runPhase(
  phase: ResetPhase,
  host: MemoryHost,
  input: ResetInput,
  signal = new AbortController().signal,
) {
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const context = { emit, signal, limitsStart: Promise.resolve(), scope: undefined };
  const error = await phase.run?.(input, host, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const lines = events.flatMap((event) => {
    if (event.type === 'progress') return [`[${event.topic}] ${event.message}`];
    const topic = event.type === 'warning' && event.topic !== undefined ? `[${event.topic}] ` : '';
    return event.type === 'warning' ? [`warning ${topic}${event.message}`] : [];
  });
  return { error, events, lines };
}
