import type { PodSandbox } from '../clients/cri/cri-client.ts';

/** The newest ready sandbox of the static Pod `<component>-<node>`. */
export function currentSandbox(component: string, all: readonly PodSandbox[]): PodSandbox | undefined {
  const own = all.filter(({ name, namespace, state }) => {
    return namespace === 'kube-system' && name.startsWith(`${component}-`) && state === 'ready';
  });
  return own.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0)).at(-1);
}
