import type { KubeClient } from '../../clients/kube/kube-client.ts';
import type { RetryPolicy } from '../../cluster/apply.ts';
import { madeUpAdministrator } from '../../host/dry-run/made-up-upgrade.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { joinHostPort } from '../../lib/host-port.ts';
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

/** The API client of the run, with the time limit for the retries of this phase. */
export async function upgradeApi(
  input: UpgradeInput,
  host: Pick<Host, 'clock'>,
  context: UpgradeContext,
): Promise<{ readonly client: KubeClient; readonly policy: RetryPolicy }> {
  const client = await context.scope.client(context);
  const { emit, limitsStart, signal } = context;
  const timeoutMs = input.init.timeouts.kubernetesAPICall;
  return { client, policy: { clock: host.clock, timeoutMs, limitStart: limitsStart, signal, emit } };
}
