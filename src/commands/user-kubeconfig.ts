import { defaultCertificateValidity } from '../config/defaults.ts';
import { warnTo } from '../config/findings/warnings.ts';
import { loadInitFamily } from '../config/load.ts';
import { KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import { buildUserKubeconfig } from '../kubeconfig/user.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { formatDuration } from '../lib/go/duration.ts';
import { Secret } from '../lib/secret.ts';
import { type ConfigRequest, configSource } from '../phases/config-source.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';

export interface UserKubeconfigRequest extends Pick<ConfigRequest<never>, 'configPath' | 'configText'> {
  /** The name by which RBAC knows the user. */
  readonly name: string;
  /** The groups of a user with a client certificate. */
  readonly organizations?: readonly string[];
  /** The validity of the client certificate from now, in milliseconds. Defaults to one year. */
  readonly validity?: number;
  /** A secret that the user authenticates with, instead of a client certificate. */
  readonly token?: string;
}

export interface UserKubeconfigResult {
  /** The text of the file, with the key or the token of the user. */
  readonly kubeconfig: Secret;
}

/**
 * `kubeadm kubeconfig user`: makes a kubeconfig for one more user of the cluster. The key of the cluster's CA must be on
 * the host. Nothing is written.
 *
 * @throws KubeadmError `usage` for an empty name or a validity that is not above zero, `certificate-missing`,
 *   `certificate-invalid`; the errors of `loadInitFamily`
 */
export async function userKubeconfig(
  host: Host,
  request: UserKubeconfigRequest,
  context: RunContext = {},
): Promise<UserKubeconfigResult> {
  const { emit } = beginReport(host, context);
  const { name, organizations = [], token, validity = defaultCertificateValidity } = request;
  refuseOrder(name, validity);
  const options = { criDetection: false, onWarning: warnTo(emit) };
  const { config } = await loadInitFamily(host, configSource<never>(request), options);
  if (validity > defaultCertificateValidity) {
    const message =
      `the validity period ${formatDuration(validity)} is longer than the default, ` +
      `${formatDuration(defaultCertificateValidity)}, and a certificate cannot be revoked`;
    emit({ type: 'warning', code: 'client-certificate-validity-long', message });
  }
  const order = { config, name, organizations, validity };
  const built = await buildUserKubeconfig(host, token === undefined ? order : { ...order, token }, emit);
  return { kubeconfig: new Secret(`${formatKubeconfig(built)}\n`) };
}

function refuseOrder(name: string, validity: number): void {
  if (name === '') {
    throw new KubeadmError('usage', 'the name of the user is empty', {
      hint: 'Name the user with --client-name: RBAC knows it by this name.',
    });
  }
  if (validity > 0) return;
  throw new KubeadmError('usage', `the validity period ${formatDuration(validity)} is not in the future`, {
    hint: 'Use a duration above zero, such as 24h0m0s.',
  });
}
