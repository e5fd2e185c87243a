/** Why a kubelet gets no client certificate, as the API server shows it to the user of the TLS bootstrap. */
import { tokenId } from '../cluster/tokens.ts';
import { type Obstacle, type ObstacleReason, obstacleOf } from '../discovery/obstacles.ts';
import { KubeApiError } from '../errors.ts';
import type { SigningRequest } from './signing-request.ts';

/** The reasons are stable, so programs can rely on them. They are in `details.reason` of the errors. */
export type BootstrapReason =
  | ObstacleReason
  | 'csr-missing'
  | 'csr-not-approved'
  | 'csr-not-signed'
  | 'csr-denied'
  | 'csr-failed'
  | 'csr-forbidden'
  | 'certificate-not-fetched'
  | 'credentials-refused';

export interface BootstrapObstacle extends Omit<Obstacle, 'reason'> {
  readonly reason: BootstrapReason;
  /** The name of the certificate signing request, which stays in the cluster. */
  readonly request?: string;
}

const seconds = 1000;
/** The kubelet makes a new request after one that was refused, and an old one may be from an earlier join. */
const refusedPatienceMs = 10 * seconds;

const newToken =
  "'kubeadm token create --print-join-command' on a control plane prints a new command. Run it on this machine: it goes on " +
  'from here.';
const seeLog = "'journalctl -u kubelet' shows what the kubelet does.";

/** @param request the newest request of the node; undefined if it has made none */
export function obstacleIn(request: SigningRequest | undefined): BootstrapObstacle {
  if (request === undefined) {
    return {
      reason: 'csr-missing',
      message: 'the kubelet has not asked for a client certificate',
      hint: seeLog,
    };
  }
  const { name } = request;
  return { ...described(request), request: name };
}

function described({ name, reason, state }: SigningRequest): BootstrapObstacle {
  const because = reason === '' ? '' : `: ${reason}`;
  switch (state) {
    case 'pending':
      return {
        reason: 'csr-not-approved',
        message: `the certificate signing request ${name} is not approved`,
        hint:
          `'kubectl certificate approve ${name}' on a control plane approves it. The controller manager does so itself if it ` +
          "runs and the ClusterRoleBinding kubeadm:node-autoapprove-bootstrap exists: 'kubeadm init phase bootstrap-token' " +
          'creates that.',
      };
    case 'approved':
      return {
        reason: 'csr-not-signed',
        message: `the certificate signing request ${name} is approved, but nobody has signed it`,
        hint:
          'The controller manager signs it with the key of the CA. Check that it runs, and that --cluster-signing-cert-file ' +
          'and --cluster-signing-key-file name the CA.',
      };
    case 'signed':
      return {
        reason: 'certificate-not-fetched',
        message: `the certificate signing request ${name} is signed, but the kubelet has not stored its certificate`,
        hint: seeLog,
      };
    case 'denied':
      return {
        reason: 'csr-denied',
        message: `the certificate signing request ${name} was denied${because}`,
        hint: `An administrator or a policy of the cluster has denied it: 'kubectl describe csr ${name}' shows who.`,
        patienceMs: refusedPatienceMs,
      };
    case 'failed':
      return {
        reason: 'csr-failed',
        message: `the signer has refused the certificate signing request ${name}${because}`,
        hint: `'kubectl describe csr ${name}' and the log of the controller manager show why.`,
        patienceMs: refusedPatienceMs,
      };
  }
}

/**
 * Returns the obstacle that an error shows; undefined for errors that are no answer of an API server or the network.
 *
 * @param access.server its URL without a password
 * @param access.token the bootstrap token; undefined if the kubeconfig has other credentials
 */
export function obstacleOfError(
  error: unknown,
  { server, token }: { readonly server: string; readonly token: string | undefined },
): BootstrapObstacle | undefined {
  if (!(error instanceof KubeApiError)) return withClock(obstacleOf(error, server));
  const who =
    token === undefined ? 'the credentials of the TLS bootstrap' : `the bootstrap token ${tokenId(token)}`;
  if (error.status === 401) {
    return {
      reason: 'credentials-refused',
      message: `${server} does not accept ${who}`,
      ...(token === undefined
        ? { hint: `Use another kubeconfig for the discovery, or a token: ${newToken}` }
        : {
            explanation: 'The token was deleted or has expired, or it lacks the usage "authentication"',
            hint: newToken,
          }),
      patienceMs: 5 * seconds,
    };
  }
  if (error.status !== 403) return obstacleOf(error, server);
  return {
    reason: 'csr-forbidden',
    message: `${who} may not ask for a client certificate`,
    hint:
      'Either the ClusterRoleBinding kubeadm:kubelet-bootstrap is missing, which ' +
      "'kubeadm init phase bootstrap-token' creates, or the token lacks the group " +
      `system:bootstrappers:kubeadm:default-node-token. ${newToken}`,
    patienceMs: refusedPatienceMs,
  };
}

function withClock(obstacle: Obstacle | undefined): BootstrapObstacle | undefined {
  if (obstacle?.reason !== 'certificate-not-valid-now') return obstacle;
  const hint = `Compare the clock of this machine with that of the control plane ('date -u'). ${obstacle.hint}`;
  return { ...obstacle, hint };
}
