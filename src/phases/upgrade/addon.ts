import { applyCoredns } from '../../addons/apply-coredns.ts';
import { applyKubeProxy } from '../../addons/apply-kube-proxy.ts';
import type { Host } from '../../host.ts';
import { mergeEnvironment, proxyEnvironment } from '../../manifests/static-pod.ts';
import { unupgradedControlPlanes } from '../../upgrade/unupgraded-control-planes.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { upgradeApi } from './connect.ts';
import type { UpgradeContext, UpgradeInput, UpgradePhase } from './input.ts';

const flags: readonly PhaseFlag[] = ['config', 'dry-run', 'kubeconfig'];
const patchedFlags: readonly PhaseFlag[] = [...flags, 'patches'];
const topic = 'upgrade/addon';

const coredns: UpgradePhase = {
  name: 'coredns',
  short: 'Upgrade the CoreDNS addon',
  flags: patchedFlags,
  run: async (input, host, context) => {
    const { cluster, patches, release } = input;
    const addon = { name: 'coredns', isDisabled: cluster.dns.disabled };
    if (!(await isDue(addon, input, { host, context }))) return;
    const { client, policy } = await upgradeApi(input, host, context);
    await applyCoredns({ cluster, release, patches, emit: context.emit }, client, policy);
  },
};

const kubeProxy: UpgradePhase = {
  name: 'kube-proxy',
  short: 'Upgrade the kube-proxy addon',
  flags,
  run: async (input, host, context) => {
    const { cluster, init, kubeProxy, release } = input;
    const addon = { name: 'kube-proxy', isDisabled: cluster.proxy.disabled };
    if (!(await isDue(addon, input, { host, context }))) return;
    const from = { cluster, release, endpoint: init.localAPIEndpoint, kubeProxy };
    const environment = mergeEnvironment(proxyEnvironment(host.system.environment()));
    const { client, policy } = await upgradeApi(input, host, context);
    await applyKubeProxy({ ...from, proxyEnvironment: environment, emit: context.emit }, client, policy);
  },
};

/** The addons change with the last control plane. Source: cmd/phases/upgrade/addons.go. */
export const addon: UpgradePhase = {
  name: 'addon',
  short: 'Upgrade the default kubeadm addons',
  allFlags: patchedFlags,
  children: [coredns, kubeProxy],
};

async function isDue(
  { isDisabled, name }: { readonly name: string; readonly isDisabled: boolean },
  input: UpgradeInput,
  { context, host }: { readonly host: Host; readonly context: UpgradeContext },
): Promise<boolean> {
  const skip = (why: string): false => {
    context.emit({ type: 'progress', topic, message: `Skipping the addon/${name} phase. ${why}` });
    return false;
  };
  if (!input.isControlPlane) return skip('Not a control plane node.');
  if (isDisabled) return skip('The addon is disabled.');
  const { client, policy } = await upgradeApi(input, host, context);
  const others = await unupgradedControlPlanes(client, input.init.nodeRegistration.name, policy);
  if (others.length === 0) return true;
  return skip(`Control plane instances have not been upgraded yet: ${others.join(', ')}.`);
}
