import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { APIEndpoint, Timeouts } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { adminConf, kubernetesDir, superAdminConf } from '../names.ts';
import { hasReason, type Patience, patiently } from './apply.ts';
import { clusterAdmins } from './rbac.ts';

/** What of a command's input says how to reach the API server. */
export interface ClientInput {
  readonly init: { readonly localAPIEndpoint: APIEndpoint; readonly timeouts: Timeouts };
  readonly paths: { readonly kubeconfig: string };
}

export interface ClientContext {
  readonly emit: (event: KubeadmEvent) => void;
  readonly signal: AbortSignal;
}

type ClientHost = Pick<Host, 'files' | 'kube' | 'clock' | 'dryRunDirectory'>;

const adminPath = `${kubernetesDir}/${adminConf}`;
const superAdminPath = `${kubernetesDir}/${superAdminConf}`;

/** How long the phases of a command wait for the API server to accept a call. */
export function patienceOf(
  input: { readonly init: { readonly timeouts: Timeouts } },
  host: Pick<Host, 'clock'>,
  context: ClientContext,
): Patience {
  const timeoutMs = input.init.timeouts.kubernetesAPICall;
  return { clock: host.clock, timeoutMs, signal: context.signal, emit: context.emit };
}

/**
 * The API client of init's later phases. With admin.conf it talks to this machine's own API server (in
 * memory only) and makes sure that the certificate's group may administer the cluster; any other kubeconfig
 * is used as it is. In a dry run the host's client writes nothing.
 * Source: cmd/init.go Client, phases/kubeconfig EnsureAdminClusterRoleBinding.
 *
 * Waits until the API server answers, `timeouts.kubernetesAPICall` at most. The caller closes the client.
 */
export async function initClient(
  input: ClientInput,
  host: ClientHost,
  context: ClientContext,
): Promise<KubeClient> {
  const path = input.paths.kubeconfig;
  const kubeconfig = await loadKubeconfig(host, path);
  if (path !== adminPath || host.dryRunDirectory !== undefined) return host.kube(kubeconfig);
  const { advertiseAddress, bindPort } = input.init.localAPIEndpoint;
  const server = `https://${joinHostPort(advertiseAddress, bindPort)}`;
  const admin = host.kube(kubeconfig, { server });
  try {
    await closedOnAbort(admin, context.signal, () =>
      ensureAdministrator(admin, server, { input, host, context }),
    );
    return admin;
  } catch (error) {
    admin.close();
    throw error;
  }
}

/** Closes the client when the run is told to stop, so that a server that never answers holds nobody up. */
export async function closedOnAbort<T>(
  client: Pick<KubeClient, 'close'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.addEventListener('abort', client.close);
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', client.close);
  }
}

/** Hands an `initClient` to `use` and closes it afterwards. */
export async function withInitClient<T>(
  input: ClientInput,
  host: ClientHost,
  context: ClientContext,
  use: (client: KubeClient, patience: Patience) => Promise<T>,
): Promise<T> {
  const client = await initClient(input, host, context);
  try {
    return await use(client, patienceOf(input, host, context));
  } finally {
    client.close();
  }
}

interface Surroundings {
  readonly input: ClientInput;
  readonly host: ClientHost;
  readonly context: ClientContext;
}

/** Binds the group of admin.conf to cluster-admin: by itself where it may, else with super-admin.conf. */
async function ensureAdministrator(admin: KubeClient, server: string, around: Surroundings): Promise<void> {
  const { context, host, input } = around;
  const patience = patienceOf(input, host, context);
  const what = `the API server at ${server} to take ${clusterAdmins.kind} ${clusterAdmins.metadata.name}`;
  const bind = async (client: KubeClient): Promise<'made' | 'found'> => {
    try {
      await client.create(clusterAdmins);
      return 'made';
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return 'found';
    }
  };
  const forbidden = (error: unknown): boolean => hasReason(error, 'Forbidden');
  try {
    await patiently(what, patience, () => bind(admin), forbidden);
    return;
  } catch (error) {
    if (!forbidden(error)) throw error;
    if ((await host.files.stat(superAdminPath)) === undefined) throw missingBinding(error);
  }
  const superAdmin = host.kube(await loadKubeconfig(host, superAdminPath), { server });
  try {
    const never = (): boolean => false;
    const binding = await closedOnAbort(superAdmin, context.signal, () =>
      patiently(what, patience, () => bind(superAdmin), never),
    );
    // Where it is there, the server only has not taken note of it yet.
    if (binding === 'found') return;
    const message = `${adminPath} was not bound to cluster-admin yet: bound it with ${superAdminPath}`;
    context.emit({ type: 'detail', verbosity: 1, message });
  } finally {
    superAdmin.close();
  }
}

function missingBinding(cause: unknown): KubeadmError {
  const name = clusterAdmins.metadata.name;
  return new KubeadmError(
    'kube-api',
    `${adminPath} may not administer the cluster: ClusterRoleBinding ${name} is missing, and there is no ` +
      `${superAdminPath} to create it with (${messageOf(cause)})`,
    { cause, hint: 'Make it with `kubeadm init phase kubeconfig super-admin` and try again.' },
  );
}
