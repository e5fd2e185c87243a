import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { madeUpAdministrator } from '../../host/dry-run/made-up-upgrade.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { joinHostPort } from '../../lib/host-port.ts';
import { type PhaseApi, phaseApi } from '../phase-api.ts';
import type { UpgradeContext, UpgradeInput } from './input.ts';

type Access = Pick<UpgradeInput, 'isMadeUp' | 'kubeconfig'>;

/** Returns a client of the cluster. The caller must close it. @throws the errors of `loadKubeconfig` */
export async function connect(
  host: Pick<Host, 'files' | 'kube'>,
  { isMadeUp, kubeconfig }: Access,
): Promise<KubeClient> {
  return host.kube(isMadeUp ? madeUpAdministrator : await loadKubeconfig(host, kubeconfig));
}

/** Returns a client of the API server of this node, as `connect`. */
export async function connectLocally(
  host: Pick<Host, 'files' | 'kube'>,
  kubeconfig: string,
  { advertiseAddress, bindPort }: UpgradeInput['init']['localAPIEndpoint'],
): Promise<KubeClient> {
  const server = `https://${joinHostPort(advertiseAddress, bindPort)}`;
  return host.kube(await loadKubeconfig(host, kubeconfig), { server });
}

export async function upgradeApi(
  { init }: UpgradeInput,
  host: Pick<Host, 'clock'>,
  context: UpgradeContext,
): Promise<PhaseApi> {
  return await phaseApi(host, context, init.timeouts.kubernetesAPICall);
}
