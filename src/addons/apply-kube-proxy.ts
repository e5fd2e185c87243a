/** kube-proxy in the cluster. Source: cmd/kubeadm/app/phases/addons/proxy/proxy.go. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { createOrUpdate, type RetryPolicy } from '../cluster/apply.ts';
import type { EnvVar } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import { toYaml } from '../lib/yaml/write.ts';
import {
  type KubeProxyInput,
  kubeProxyClusterRoleBinding,
  kubeProxyConfigMapOf,
  kubeProxyDaemonSet,
  kubeProxyRole,
  kubeProxyRoleBinding,
  kubeProxyServiceAccount,
} from './kube-proxy.ts';
import { typedObject } from './typed-object.ts';

export interface ApplyKubeProxyInput extends KubeProxyInput {
  /** Proxy variables of this process, sorted by name. */
  readonly proxyEnvironment: readonly EnvVar[];
  readonly emit: Emit;
}

/** Creates or updates everything. */
export async function applyKubeProxy(
  input: ApplyKubeProxyInput,
  client: KubeClient,
  policy: RetryPolicy,
): Promise<void> {
  const objects = [
    kubeProxyConfigMapOf(input, { signed: true }),
    kubeProxyDaemonSet(input, input.proxyEnvironment),
    kubeProxyServiceAccount,
    kubeProxyClusterRoleBinding,
    kubeProxyRole,
    kubeProxyRoleBinding,
  ];
  for (const object of objects) {
    await createOrUpdate(client, typedObject(object, input.release.objectTypes), policy);
  }
  input.emit({ type: 'addon-applied', addon: 'kube-proxy' });
}

/** The YAML documents of --print-manifest. They have no proxy variables, so that they fit any machine. */
export function printKubeProxy(input: KubeProxyInput): string {
  return [
    kubeProxyServiceAccount,
    kubeProxyClusterRoleBinding,
    kubeProxyRole,
    kubeProxyRoleBinding,
    kubeProxyConfigMapOf(input, { signed: false }),
    kubeProxyDaemonSet(input, []),
  ]
    .map((object) => `---\n${toYaml(object)}`)
    .join('');
}
