/** The kubelet flags that have no field in a configuration file. Source: cmd/kubeadm/app/phases/kubelet/flags.go. */
import type { NodeRegistration, Taint } from '../config/hub.ts';
import type { NetReads } from '../host.ts';
import { type Argument, commandArguments, lastArgument } from '../lib/arguments.ts';
import { goQuote } from '../lib/go/quote.ts';
import { nodeNameOf } from '../lib/node-name.ts';

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
  return environmentText(commandArguments(defaults, node.kubeletExtraArgs));
}

const variable = 'KUBELET_KUBEADM_ARGS=';

/** Text of kubeadm-flags.env with these words, such as `--v=4`. */
export function environmentText(words: readonly string[]): string {
  return `${variable}${goQuote(words.join(' '))}\n`;
}

/**
 * Reads the flags in the text of kubeadm-flags.env, in their order. A flag without `=` has the next word as its value, or
 * is `true` if the next word is a flag, too. Upstream takes that flag as the value.
 *
 * @returns undefined if the text does not begin with the variable of kubeadm
 */
export function readKubeletFlags(text: string): readonly Argument[] | undefined {
  const content = text.trim();
  if (!content.startsWith(variable)) return undefined;
  const quoted = content.slice(variable.length);
  const words = unquoted(quoted)
    .split(/\s+/)
    .filter((word) => word !== '');
  const flags: Argument[] = [];
  for (let at = 0; at < words.length; at++) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? [];
    if (name === undefined) continue;
    const next = words[at + 1];
    const isInNext = value === undefined && next !== undefined && !next.startsWith('--');
    if (isInNext) at++;
    flags.push({ name, value: value ?? (isInNext ? next : 'true') });
  }
  return flags;
}

/** Removes the quotes of {@link environmentText}, which a user may have left away. */
function unquoted(text: string): string {
  const [, inner] = /^"(.*)"$/s.exec(text) ?? [];
  return inner === undefined ? text : inner.replaceAll(/\\(["\\])/g, '$1');
}

/** The name under which the kubelet registers. */
function kubeletNodeName(node: NodeRegistration, hostname: string): string {
  return lastArgument(node.kubeletExtraArgs, 'hostname-override') ?? (node.name || hostname);
}

/** The name under which the kubelet of this machine registers. With an empty hostname-override it is that of the host. */
export async function registeredName(
  { net }: { readonly net: Pick<NetReads, 'hostname'> },
  node: NodeRegistration,
): Promise<string> {
  const hostname = nodeNameOf(await net.hostname());
  return kubeletNodeName(node, hostname) || hostname;
}

function taintText({ key, value, effect }: Taint): string {
  if (effect === '') return value ? `${key}=${value}:` : key;
  return value ? `${key}=${value}:${effect}` : `${key}:${effect}`;
}
