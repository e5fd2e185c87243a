import { KubeadmError } from '../errors.ts';
import { currentClusterOf, currentContextOf, currentUserOf } from './current.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from './kubeconfig.ts';

/**
 * Returns the cluster and the user of the current context. It refuses everything that client-go refuses, and fields that
 * this kubeadm does not support yet. It does not read files that the kubeconfig names.
 * Source: client-go tools/clientcmd/validation.go, transport/transport.go.
 *
 * @throws KubeadmError `kubeconfig-invalid`
 */
export function usableContext(kubeconfig: Kubeconfig): {
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
} {
  const cluster = currentClusterOf(kubeconfig);
  const user = currentUserOf(kubeconfig);
  const problem =
    problemOfCluster(cluster) ?? problemOfTrust(cluster) ?? problemOfPlugin(user) ?? problemOfUser(user);
  if (problem === undefined) return { cluster, user };
  throw unusable(kubeconfig, problem);
}

/**
 * Refuses a kubeconfig if one of its clusters, users or contexts is not valid, even outside of the current context. It does
 * not read files that the kubeconfig names. Source: client-go tools/clientcmd/validation.go, Validate.
 *
 * @throws KubeadmError `kubeconfig-invalid`
 */
export function checkEveryEntry(kubeconfig: Kubeconfig): void {
  const { clusters, contexts, users } = kubeconfig;
  const [problem] = [
    ...contexts.map((context) => problemOfContext(context, kubeconfig)),
    ...users.map(problemOfUser),
    ...clusters.map(problemOfCluster),
  ].filter((found) => found !== undefined);
  if (problem !== undefined) throw unusable(kubeconfig, problem);
  if (kubeconfig.currentContext !== '') currentContextOf(kubeconfig);
}

/** The field by which a user gets its credentials from a program or a provider; undefined if it has them itself. */
export function pluginOf(user: KubeconfigUser): 'exec' | 'auth-provider' | undefined {
  return (['exec', 'auth-provider'] as const).find((plugin) => isSet(user.extra?.[plugin]));
}

function unusable({ path }: Kubeconfig, { message, hint }: Problem): KubeadmError {
  return new KubeadmError('kubeconfig-invalid', `${path ?? 'the kubeconfig'} cannot be used: ${message}`, {
    hint,
    ...(path === undefined ? {} : { place: { file: path } }),
  });
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

const keepOne = 'Keep one of the two fields in the kubeconfig.';

function problemOfCluster(cluster: KubeconfigCluster): Problem | undefined {
  const where = `cluster "${cluster.name}"`;
  const { certificateAuthority: file = '', certificateAuthorityData: data = '' } = cluster;
  if (cluster.server === '')
    return { message: `${where} has no server`, hint: 'Add the field server to it.' };
  if (file !== '' && data !== '') {
    const message = `${where} has both certificate-authority-data and certificate-authority`;
    return { message, hint: keepOne };
  }
  if (isSet(cluster.proxyUrl) && !isProxyUrl(cluster.proxyUrl)) {
    const message = `${where} has a proxy-url that is not the URL of a proxy`;
    return { message, hint: 'A proxy is written like http://10.0.0.1:3128.' };
  }
  return undefined;
}

function problemOfTrust(cluster: KubeconfigCluster): Problem | undefined {
  if (cluster.insecureSkipTlsVerify !== true) return undefined;
  if (!isSet(cluster.certificateAuthority) && !isSet(cluster.certificateAuthorityData)) return undefined;
  return {
    message: `cluster "${cluster.name}" has insecure-skip-tls-verify together with a certificate authority`,
    hint: 'Remove insecure-skip-tls-verify, so that the client trusts the authority.',
  };
}

function problemOfPlugin(user: KubeconfigUser): Problem | undefined {
  const plugin = pluginOf(user);
  if (plugin === undefined) return undefined;
  return {
    message: `user "${user.name}" gets its credentials by ${plugin}, which kubeadm does not support`,
    hint: 'Use a kubeconfig with a client certificate or a token, such as admin.conf.',
  };
}

function problemOfContext(context: KubeconfigContext, { clusters, users }: Kubeconfig): Problem | undefined {
  const { name, cluster, user, namespace = '' } = context;
  const hint = 'Repair or remove this context in the kubeconfig.';
  const fail = (message: string): Problem => ({ message: `context "${name}" ${message}`, hint });
  if (name === '') return fail('has no name');
  if (user === '') return fail('has no user');
  if (cluster === '') return fail('has no cluster');
  if (!users.some((other) => other.name === user)) return fail(`names the user "${user}", which is missing`);
  if (!clusters.some((other) => other.name === cluster))
    return fail(`names the cluster "${cluster}", which is missing`);
  const isLabel = namespace === '' || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace);
  return isLabel ? undefined : fail(`has the namespace "${namespace}", which is not a DNS label`);
}

function problemOfUser(user: KubeconfigUser): Problem | undefined {
  const where = `user "${user.name}"`;
  const basic = isSet(user.username) || isSet(user.password);
  if (isSet(user.token) && basic) {
    return { message: `${where} has both a token and a user name or password`, hint: keepOne };
  }
  if (isSet(user.clientCertificate) || isSet(user.clientCertificateData)) {
    for (const [data, file, name] of [
      [user.clientCertificateData, user.clientCertificate, 'client-certificate'],
      [user.clientKeyData, user.clientKey, 'client-key'],
    ] as const) {
      if (!isSet(data) || !isSet(file)) continue;
      return { message: `${where} has both ${name}-data and ${name}`, hint: keepOne };
    }
    if (!isSet(user.clientKey) && !isSet(user.clientKeyData)) {
      const message = `${where} has a client certificate without a key`;
      return { message, hint: 'Add client-key-data or client-key to it.' };
    }
  }
  const more = isSet(user.asUid) || isSet(user.asGroups) || isSet(user.asUserExtra);
  if (more && !isSet(user.as)) {
    const message = `${where} has as-uid, as-groups or as-user-extra without as`;
    return { message, hint: 'Add the field `as`, which names the user to impersonate.' };
  }
  return undefined;
}

/** Other parts of the URL are looked at when it is used. */
function isProxyUrl(text = ''): boolean {
  return URL.canParse(text) && /^(?:https?|socks5h?):$/.test(new URL(text).protocol);
}

function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '';
}
