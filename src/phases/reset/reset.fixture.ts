import { renderText } from '../../cli/render/text.ts';
import type { ClusterConfiguration } from '../../config/hub.ts';
import { defaultCluster } from '../../config/v1beta4/defaults.ts';
import type { KubeadmEvent } from '../../events.ts';
import { createDryRun } from '../../host/dry-run/index.ts';
import { madeUp } from '../../host/dry-run/made-up.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { phasesInDryRun } from '../phases-in-dry-run.ts';
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
    options: {
      ask: options?.force !== true,
      force: false,
      cleanupTmpDir: false,
      all: false,
      ignorePreflightErrors: [],
      ...options,
    },
    certificatesDir: '/etc/kubernetes/pki',
    criSocket: 'unix:///run/x.sock',
    unmountFlags: [],
    timeouts: { kubernetesAPICall: 60_000, etcdAPICall: 120_000 },
    cluster: undefined,
    identity: { servers: [], authorities: [], authorityFile: '/etc/kubernetes/pki/ca.crt' },
    unfinished: undefined,
    ...change,
  };
}

export function inCluster(kubeconfig: Kubeconfig, change: Partial<ClusterConfiguration> = {}) {
  return { kubeconfig, configuration: { ...configuration, ...change }, advertiseAddress: '10.0.0.5' };
}

/** Events whose lines no test of a phase looks at. */
const ordinary: ReadonlySet<string> = new Set(['preflight-running', 'waiting', 'waited']);

/** Runs one phase of a dry run. */
export async function runInDryRun(phase: ResetPhase, host: MemoryHost, input: ResetInput) {
  const dryRun = createDryRun(host, { madeUp: madeUp.reset });
  const [adapted = phase] = phasesInDryRun([phase], dryRun, () => undefined);
  return await runPhase(adapted, host, input);
}

/** Runs one phase; lines are what the user reads, as `warning …` and `[topic] …`. */
export async function runPhase(
  phase: Pick<ResetPhase, 'run'>,
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
    const topic = event.type === 'warning' && event.topic !== undefined ? `[${event.topic}] ` : '';
    if (event.type === 'warning') return [`warning ${topic}${event.message}`];
    const text = ordinary.has(event.type) ? undefined : renderText(event, 0);
    return text?.stream === 'stdout' ? text.text.trimEnd().split('\n') : [];
  });
  return { error, events, lines };
}
