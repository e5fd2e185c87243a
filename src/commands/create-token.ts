import { createTokens } from '../cluster/create-tokens.ts';
import { type JoinAccess, joinAccess } from '../cluster/join-access.ts';
import { checkCertificateKey } from '../config/validation/values.ts';
import { KubeadmError } from '../errors.ts';
import { dryRunKube } from '../host/dry-run/kube.ts';
import { madeUp } from '../host/dry-run/made-up.ts';
import type { Host } from '../host.ts';
import { Secret } from '../lib/secret.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';
import { tokenCluster, withTokenClient } from './token-cluster.ts';
import { type TokenRequest, wantedTokens } from './wanted-tokens.ts';

export interface CreateTokenRequest extends TokenRequest {
  /** The kubeconfig of the cluster. Defaults to the file of KUBECONFIG or $HOME/.kube/config, and then to admin.conf. */
  readonly kubeconfig?: string;
  /** Reports the calls, and creates nothing. */
  readonly dryRun?: boolean;
  /** Whether the result has `join`. Then a kubeconfig without a CA certificate is refused before a token is created. */
  readonly join?: boolean;
  /** A secret for the join command of a control plane: the key of the uploaded certificates. */
  readonly certificateKey?: string;
}

export interface CreateTokenResult {
  /** The tokens in the order of the request. It has at least one. */
  readonly tokens: readonly [Secret, ...Secret[]];
  /** How nodes join with the first token. It is undefined unless the request has `join`. */
  readonly join: JoinAccess | undefined;
}

/**
 * `kubeadm token create`: creates bootstrap tokens in the cluster. Nothing is created if one of them exists.
 *
 * @throws KubeadmError `usage` for a malformed token or field, which the message names as the flag of the command line;
 *   `refused` for a token that exists; `kubeconfig-invalid`, `file`, `net`, `timeout`; KubeApiError; the errors of
 *   `loadInitFamily`
 */
export async function createToken(
  host: Host,
  request: CreateTokenRequest = {},
  context: RunContext = {},
): Promise<CreateTokenResult> {
  const { emit, signal } = beginReport(host, context);
  const { certificateKey } = request;
  if (certificateKey !== undefined) refuseKey(certificateKey);
  const { timeouts, tokens } = await wantedTokens(host, request, emit);
  const cluster = await tokenCluster(host, request.kubeconfig, emit);
  const [{ token: first }, ...others] = tokens;
  const join =
    request.join === true ? joinAccess(cluster.cluster, { token: first, certificateKey }) : undefined;
  const connect = request.dryRun === true ? dryRunKube(host.kube, { madeUp: madeUp.token, emit }) : host.kube;
  const policy = { clock: host.clock, timeoutMs: timeouts.kubernetesAPICall, signal, emit };
  await withTokenClient(cluster, { connect, signal }, (client) =>
    createTokens(client, tokens, { now: host.clock.now(), policy }),
  );
  return { tokens: [new Secret(first), ...others.map(({ token }) => new Secret(token))], join };
}

/** @throws KubeadmError `usage`; the message does not contain the key */
function refuseKey(key: string): void {
  const [finding] = checkCertificateKey(key, '--certificate-key');
  if (finding !== undefined) throw new KubeadmError('usage', `--certificate-key: ${finding.message}`);
}
