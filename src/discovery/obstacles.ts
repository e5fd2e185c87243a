/** Why a try of discovery did not succeed, how long that may last, and what the user can do. */
import { KubeApiError, NetError } from '../errors.ts';

/** The reasons are stable, so programs can rely on them. They are in `details.reason` of the errors. */
export type ObstacleReason =
  | 'connection-refused'
  | 'host-unreachable'
  | 'network-unreachable'
  | 'name-unknown'
  | 'dns-silent'
  | 'no-answer'
  | 'connection-reset'
  | 'connection-failed'
  | 'certificate-not-valid-now'
  | 'certificate-for-other-name'
  | 'certificate-of-other-authority'
  | 'certificate-unusable'
  | 'not-an-api-server'
  | 'answer-too-large'
  | 'answer-too-slow'
  | 'redirect'
  | 'unauthorized'
  | 'forbidden'
  | 'cluster-info-missing'
  | 'server-not-ready'
  | 'unexpected-answer'
  | 'signature-missing';

export interface Obstacle {
  readonly reason: ObstacleReason;
  /** A clause that begins with the thing that is the obstacle. */
  readonly message: string;
  /** A sentence without its period about what can be the cause. Only errors contain it. */
  readonly explanation?: string;
  /** Sentences that tell the user what to do. */
  readonly hint: string;
  /** The wait ends if the obstacle lasts for this long. Without it, only the time limit of the wait ends it. */
  readonly patienceMs?: number;
}

const seconds = 1000;
/** For what a restart of a component or of a load balancer can cause. */
const short = 10 * seconds;
/** For what a control plane can show while its `kubeadm init` has not ended. */
const long = 60 * seconds;

interface Row {
  readonly reason: ObstacleReason;
  readonly problem: string;
  readonly hint: string;
  readonly patienceMs?: number;
}

const checkAddress =
  'Check the address. "kubeadm token create --print-join-command" on a control plane node prints the right one.';

const networkRows: Readonly<Record<string, Row>> = {
  ECONNREFUSED: {
    reason: 'connection-refused',
    problem: 'refuses connections',
    hint: `Check on that host that the API server runs ("crictl ps --name kube-apiserver"), and that no firewall rejects the connection. ${checkAddress}`,
  },
  EHOSTUNREACH: {
    reason: 'host-unreachable',
    problem: 'cannot be reached: no host has this address, or a firewall rejects the connection',
    hint: `Check that the host or the load balancer runs, and that no firewall rejects the connection. ${checkAddress}`,
  },
  ENETUNREACH: {
    reason: 'network-unreachable',
    problem: 'cannot be reached: this machine has no route to its network',
    hint: `Check the routes of this machine with "ip route". ${checkAddress}`,
    patienceMs: long,
  },
  ENOTFOUND: {
    reason: 'name-unknown',
    problem: 'cannot be reached: its name cannot be resolved',
    hint: `Check the name and the DNS servers of this machine. ${checkAddress}`,
    patienceMs: long,
  },
  EAI_AGAIN: {
    reason: 'dns-silent',
    problem: 'cannot be reached: the DNS server does not answer',
    hint: 'Check the DNS servers of this machine.',
  },
  ETIMEDOUT: {
    reason: 'no-answer',
    problem: 'does not answer in time',
    hint: `Check that the API server runs on that host, and that no firewall drops the packets. ${checkAddress}`,
  },
  ECONNRESET: {
    reason: 'connection-reset',
    problem: 'closes the connection',
    hint: 'Check that the API server runs behind the load balancer.',
  },
  EMSGSIZE: {
    reason: 'answer-too-large',
    problem: 'sends an answer that is larger than any cluster-info',
    hint: `It is not the API server of a cluster. ${checkAddress}`,
    patienceMs: 2 * seconds,
  },
  EINCOMPLETE: {
    reason: 'answer-too-slow',
    problem: 'begins to answer, and does not come to an end',
    hint: `Check the network and the proxies between this machine and the server. ${checkAddress}`,
    patienceMs: short,
  },
  EINSECUREREDIRECT: {
    reason: 'redirect',
    problem: 'redirects to a server without https, so nobody would prove the answer',
    hint: checkAddress,
    patienceMs: 0,
  },
  ERR_TOO_MANY_REDIRECTS: {
    reason: 'redirect',
    problem: 'redirects the request again and again',
    hint: checkAddress,
    patienceMs: short,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'certificate-for-other-name',
    problem: 'has a certificate that is not valid for this address',
    hint: 'Use an address of the certificate, or add this one to apiServer.certSANs of the cluster and renew the certificate.',
    patienceMs: short,
  },
};

const clockRow: Row = {
  reason: 'certificate-not-valid-now',
  problem: 'has a certificate that is not valid now',
  hint: 'Renew the certificate with "kubeadm certs renew apiserver" on the control plane node.',
  patienceMs: short,
};

const otherAuthority: Row = {
  reason: 'certificate-of-other-authority',
  problem: 'has a certificate of another authority than the one that is expected',
  hint: `Another server answers at this address, or the CA hash or the kubeconfig is that of another cluster. ${checkAddress}`,
  patienceMs: short,
};

const unusableCertificate: Row = {
  reason: 'certificate-unusable',
  problem: 'has a certificate that is not one for a server of this authority',
  hint: `Another program may listen at this address. ${checkAddress}`,
  patienceMs: short,
};

const notAnApiServer: Row = {
  reason: 'not-an-api-server',
  problem: 'does not answer as an API server',
  hint: `Another program listens at this address. ${checkAddress}`,
  patienceMs: short,
};

/**
 * The obstacle that an error of a request shows; undefined if no other try can help.
 *
 * @param server its URL without a password
 */
export function obstacleOf(error: unknown, server: string): Obstacle | undefined {
  if (error instanceof NetError) return describe(networkRow(error), server);
  return error instanceof KubeApiError ? describe(statusRow(error), server) : undefined;
}

function describe({ problem, ...row }: Row, server: string): Obstacle {
  return { ...row, message: `${server} ${problem}` };
}

function networkRow({ reason, message }: NetError): Row {
  const known = networkRows[reason];
  if (known !== undefined) return known;
  if (/^(?:EPROTO|HPE_|ERR_SSL|ERR_TLS)/.test(reason)) return notAnApiServer;
  if (/EXPIRED|NOT_YET_VALID/.test(reason)) return clockRow;
  if (/INVALID|PATH_LENGTH|TOO_LONG|REJECTED|REVOKED|UNSPECIFIED/.test(reason)) return unusableCertificate;
  if (/CERT|ISSUER|VERIFY|SIGN/.test(reason)) return otherAuthority;
  return {
    reason: 'connection-failed',
    problem: `cannot be reached: ${message}`,
    hint: `Check that the control plane runs. ${checkAddress}`,
  };
}

function statusRow({ status, reason, message }: KubeApiError): Row {
  if (status === 401) {
    return {
      reason: 'unauthorized',
      problem: 'does not accept the request (401 Unauthorized)',
      hint: 'For discovery without credentials, anonymous users must be able to read cluster-info (--anonymous-auth of the API server). Otherwise use "--discovery-file" with valid credentials.',
      patienceMs: short,
    };
  }
  if (status === 403) {
    return {
      reason: 'forbidden',
      problem: 'does not allow to read the ConfigMap kube-public/cluster-info (403 Forbidden)',
      hint: 'Run "kubeadm init phase bootstrap-token" on a control plane node, which allows it, or use "--discovery-file".',
      patienceMs: long,
    };
  }
  if (status === 404 && reason === 'NotFound') {
    return {
      reason: 'cluster-info-missing',
      problem: 'has no ConfigMap kube-public/cluster-info',
      hint: 'Run "kubeadm init phase bootstrap-token" on a control plane node, which creates it.',
      patienceMs: long,
    };
  }
  if (status >= 300 && status < 400) {
    return {
      reason: 'redirect',
      problem: `redirects the request to another place (status ${status}), which kubeadm does not follow`,
      hint: checkAddress,
      patienceMs: short,
    };
  }
  if (status === 429 || status >= 500) {
    return {
      reason: 'server-not-ready',
      problem: `is not ready: ${message}`,
      hint: 'Check the API server and the load balancer before it.',
    };
  }
  return {
    reason: 'unexpected-answer',
    problem: `does not answer as an API server: ${message}`,
    hint: checkAddress,
    patienceMs: short,
  };
}
