/** Runs `upgrade apply` in memory, and shows what then runs. */
import type { KubeadmEvent } from '../../../events.ts';
import type { MemoryHost } from '../../../host/memory/index.ts';
import type { ControlPlane } from '../machine.fixture.ts';
import type { UpgradeApplyRequest } from '../request.ts';
import { runUpgradeApply, type UpgradeApplyResult } from './run.ts';

export const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export const recordFile = '/var/lib/kubeadm/unfinished-run.json';

interface Ran {
  readonly result: UpgradeApplyResult | undefined;
  readonly error: unknown;
  readonly events: readonly KubeadmEvent[];
}

export async function upgrade(
  { host }: Pick<ControlPlane, 'host'>,
  request: UpgradeApplyRequest = {},
  onEvent: (event: KubeadmEvent) => void = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const events: KubeadmEvent[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }): void => {
    events.push(event);
    onEvent(event);
  };
  try {
    const result = await runUpgradeApply(
      host,
      { version: 'v1.36.2', yes: true, ...request },
      { record, signal },
    );
    return { result, error: undefined, events };
  } catch (error) {
    return { result: undefined, error, events };
  }
}

/** What runs: the image of each component in the API, and its container. */
export function running(live: ControlPlane): Readonly<Record<string, string>> {
  const pods = live.host.api.list('v1', 'Pod', { labelSelector: 'tier=control-plane' });
  return Object.fromEntries(
    pods.map(({ metadata, spec }) => {
      const image = /kube-system|image/.test(JSON.stringify(spec)) ? JSON.stringify(spec) : '';
      return [metadata.labels?.component ?? '', /"image":"[^"]*:([^":]+)"/.exec(image)?.[1] ?? ''];
    }),
  );
}

export const all = (version: string) => Object.fromEntries(components.map((name) => [name, version]));
export const kinds = (events: readonly KubeadmEvent[]): readonly string[] => events.map(({ type }) => type);
export const text = (host: MemoryHost, path: string): string | undefined => host.snapshot()[path]?.text;
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const storedVersion = ({ host }: ControlPlane): string =>
  /kubernetesVersion: (\S+)/.exec(
    JSON.stringify(
      host.api.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeadm-config', namespace: 'kube-system' }),
    ).replaceAll('\\n', '\n'),
  )?.[1] ?? '';
