/** The kubelet flags that have no field in a configuration file. Source: cmd/kubeadm/app/phases/kubelet/flags.go. */
import type { NodeRegistration, Taint } from '../config/hub.ts';
import { type Argument, commandArguments, lastArgument } from '../lib/arguments.ts';
import { goQuote } from '../lib/go/quote.ts';

export interface KubeletEnvironment {
  readonly node: NodeRegistration;
  /** The host name of the machine, as the kubelet would use it. */
  readonly hostname: string;
  /** True with the gate NodeLocalCRISocket: the socket is then in the configuration file. */
  readonly socketInFile: boolean;
  /** True only for a worker that joins, which gets its taints as a flag. */
  readonly registerTaints: boolean;
}

/** Text of kubeadm-flags.env, which the kubelet's unit reads. */
export function kubeletEnvironment(environment: KubeletEnvironment): string {
  const { node, hostname, socketInFile, registerTaints } = environment;
  const name = kubeletNodeName(node, hostname);
  const taints = node.taints ?? [];
  const defaults: Argument[] = [];
  if (!socketInFile) defaults.push({ name: 'container-runtime-endpoint', value: node.criSocket });
  if (registerTaints && taints.length > 0) {
    defaults.push({ name: 'register-with-taints', value: taints.map(taintText).join(',') });
  }
  if (name !== hostname) defaults.push({ name: 'hostname-override', value: name });
  const flags = commandArguments(defaults, node.kubeletExtraArgs).join(' ');
  return `KUBELET_KUBEADM_ARGS=${goQuote(flags)}\n`;
}

/** The name under which the kubelet registers. */
export function kubeletNodeName(node: NodeRegistration, hostname: string): string {
  return lastArgument(node.kubeletExtraArgs, 'hostname-override') ?? (node.name || hostname);
}

function taintText({ key, value, effect }: Taint): string {
  if (effect === '') return value ? `${key}=${value}:` : key;
  return value ? `${key}=${value}:${effect}` : `${key}:${effect}`;
}
