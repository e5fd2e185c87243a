import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { APIEndpoint, Timeouts } from '../config/hub.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { adminConf, kubernetesDir, superAdminConf } from '../names.ts';
import { hasReason, type RetryPolicy, retryApiCall } from './apply.ts';
import { clusterAdmins } from './rbac.ts';

export interface LocalClientOptions {
  /** The API server of this machine. */
  readonly endpoint: APIEndpoint;
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall'>;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  /** Whether to give admin.conf its rights first. See {@link ensureAdministrator}. */
  readonly bootstrap: boolean;
}

export interface ClientContext {
  readonly emit: (event: KubeadmEvent) => void;
  readonly signal: AbortSignal;
}

type ClientHost = Pick<Host, 'files' | 'kube' | 'clock'>;

const adminPath = `${kubernetesDir}/${adminConf}`;
const superAdminPath = `${kubernetesDir}/${superAdminConf}`;

/** @throws as `loadKubeconfig`; KubeadmError `file` with what to do if the file does not exist */
async function existingKubeconfig(host: ClientHost, path: string): Promise<Kubeconfig> {
  try {
    return await loadKubeconfig(host, path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new KubeadmError('file', `there is no kubeconfig file ${path}`, {
      cause: error,
      place: { file: path },
      hint:
        'Run `kubeadm init phase kubeconfig admin` if the file is missing on a control plane node. A phase with ' +
        'the flag --kubeconfig takes the path of another one.',
    });
  }
}

/**
 * Returns a client of the API server. With admin.conf it uses the API server of this machine, without a change of the
 * file. With any other kubeconfig it uses the server of the kubeconfig and needs no bootstrap. The caller must close the
 * client. Source: cmd/init.go Client.
 *
 * @throws KubeadmError the errors of `loadKubeconfig` and `ensureAdministrator`
 */
export async function localClient(
  host: ClientHost,
  options: LocalClientOptions,
  context: ClientContext,
): Promise<KubeClient> {
  const kubeconfig = await existingKubeconfig(host, options.kubeconfig);
  if (options.kubeconfig !== adminPath) return host.kube(kubeconfig);
  const { advertiseAddress, bindPort } = options.endpoint;
  const server = `https://${joinHostPort(advertiseAddress, bindPort)}`;
  const client = host.kube(kubeconfig, { server });
  if (!options.bootstrap) return client;
  const timeoutMs = options.timeouts.kubernetesAPICall;
  const policy = { clock: host.clock, timeoutMs, signal: context.signal, emit: context.emit };
  try {
    await closedOnAbort(client, context.signal, () =>
      ensureAdministrator(client, host, { ...context, policy }),
    );
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Closes the client when the run is aborted, so that a server that never answers does not block it. */
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

/**
 * Binds the group of admin.conf to cluster-admin. Uses super-admin.conf if admin.conf may not do this. Waits until the API
 * server answers, but no longer than the time limit of the policy.
 * Source: phases/kubeconfig EnsureAdminClusterRoleBinding.
 *
 * @param admin a client with admin.conf
 * @throws KubeadmError `timeout`; `kube-api` if the binding and super-admin.conf are missing
 */
export async function ensureAdministrator(
  admin: KubeClient,
  host: ClientHost,
  context: ClientContext & { readonly policy: RetryPolicy },
): Promise<void> {
  const { policy, signal } = context;
  const { server } = admin;
  const what = `the API server at ${server} to take ${clusterAdmins.kind} ${clusterAdmins.metadata.name}`;
  const forbidden = (error: unknown): boolean => hasReason(error, 'Forbidden');
  try {
    await retryApiCall(what, policy, () => bindAdministrators(admin, signal), forbidden);
    return;
  } catch (error) {
    if (!forbidden(error)) throw error;
    if ((await host.files.stat(superAdminPath)) === undefined) throw missingBinding(error);
  }
  const superAdmin = host.kube(await loadKubeconfig(host, superAdminPath), { server });
  try {
    const never = (): boolean => false;
    const binding = await closedOnAbort(superAdmin, signal, () =>
      retryApiCall(what, policy, () => bindAdministrators(superAdmin, signal), never),
    );
    // If the binding exists, the server has not applied it yet.
    if (binding === 'found') return;
    const message = `${adminPath} was not bound to cluster-admin yet, so kubeadm bound it with ${superAdminPath}`;
    context.emit({ type: 'detail', verbosity: 1, message });
  } finally {
    superAdmin.close();
  }
}

async function bindAdministrators(client: KubeClient, signal: AbortSignal): Promise<'made' | 'found'> {
  try {
    await client.create(clusterAdmins, { signal });
    return 'made';
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
    return 'found';
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
