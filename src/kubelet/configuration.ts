/** The kubelet's configuration files. Source: cmd/kubeadm/app/phases/kubelet/config.go, componentconfigs/kubelet_unix.go. */
import type { Emit } from '../events.ts';
import type { ServiceReads } from '../host.ts';
import { patchContentTypes } from '../kubernetes-types/patch-content-types.ts';
import type { StructTable } from '../kubernetes-types/schema.ts';
import { strategicMerge } from '../kubernetes-types/strategic-merge.ts';
import { goQuote } from '../lib/go/quote.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { applyPatches, type PatchSet } from '../patches/index.ts';

type KubeletData = Readonly<Record<string, unknown>>;

/** The full list of upstream resolvers. With the stub in /etc/resolv.conf, CoreDNS would query itself. */
const resolvedFile = '/run/systemd/resolve/resolv.conf';

/** The configuration of a node. If systemd-resolved is active, an unset resolvConf is filled in. */
export function withResolvConf(data: KubeletData, resolvedActive: boolean): KubeletData {
  if (!resolvedActive || (data.resolvConf !== undefined && data.resolvConf !== null)) return data;
  return { ...data, resolvConf: resolvedFile };
}

/** Returns a warning if the user's resolvConf differs from that of systemd-resolved; otherwise undefined. */
function resolvConfWarning(data: KubeletData, resolvedActive: boolean): string | undefined {
  const given = data.resolvConf;
  if (!resolvedActive || typeof given !== 'string' || given === resolvedFile) return undefined;
  return (
    `The recommended value for "resolvConf" in "KubeletConfiguration" is: ${resolvedFile}; ` +
    `the provided value is: ${given}`
  );
}

export async function isResolvedActive(services: ServiceReads, signal?: AbortSignal): Promise<boolean> {
  return (await services.initSystem()) !== undefined && (await services.isActive('systemd-resolved', signal));
}

/** As `withResolvConf`, for this machine. It warns of a resolvConf of the user that differs from that of systemd-resolved. */
export async function completeResolvConf(
  services: ServiceReads,
  data: KubeletData,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<KubeletData> {
  const resolvedActive = await isResolvedActive(services, signal);
  const warning = resolvConfWarning(data, resolvedActive);
  if (warning !== undefined) emit({ type: 'warning', code: 'kubelet-resolv-conf', message: warning });
  return withResolvConf(data, resolvedActive);
}

/** Text of instance-config.yaml, which has the settings of this node alone. */
export function instanceConfiguration(criSocket: string): string {
  return `containerRuntimeEndpoint: ${goQuote(criSocket)}\n`;
}

export interface KubeletConfigurationOptions {
  readonly patches: PatchSet | undefined;
  /** Overrides everything else; undefined if the gate NodeLocalCRISocket is off. */
  readonly criSocket: string | undefined;
  /** The content of instance-config.yaml. It defaults to the socket alone. */
  readonly instance?: KubeletData;
  /** Go types of the release. */
  readonly types: StructTable;
  readonly emit: Emit;
}

/** Text of config.yaml, from the cluster's configuration, the user's patches and the node's own values. */
export function kubeletConfiguration(data: KubeletData, options: KubeletConfigurationOptions): string {
  const { patches, criSocket, emit, types } = options;
  const patched =
    patches === undefined ? data : applyPatches(patches, 'kubeletconfiguration', data, { emit, types });
  if (criSocket === undefined) return toYaml(patched);
  const instance = options.instance ?? { containerRuntimeEndpoint: criSocket };
  const merged = strategicMerge(patched, instance, { kind: 'KubeletConfiguration', types });
  emit({ type: 'patch-applied', target: 'kubeletconfiguration', contentType: patchContentTypes.strategic });
  return toYaml(merged);
}
