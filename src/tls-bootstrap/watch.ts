/** Looks at the certificate signing request of a kubelet while kubeadm waits for its certificate. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { currentUserOf } from '../kubeconfig/current.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { type BootstrapObstacle, obstacleIn, obstacleOfError } from './obstacles.ts';
import { type SigningRequest, signingRequestsOf } from './signing-request.ts';

export const bootstrapFailed = 'failed while waiting for TLS bootstrap';

/** Most kubelets have their certificate before the first look, so the API server gets no requests because of them. */
const firstLookMs = 3_000;
const lookIntervalMs = 3_000;
/** An obstacle that lasts for this long is reported. */
const reportAfterMs = 5_000;

export interface BootstrapWatch {
  /** Looks if it is time to, without waiting for the answer. */
  readonly look: () => void;
  /** The obstacle that the last look has found. */
  readonly obstacle: () => BootstrapObstacle | undefined;
  /** The error for an obstacle that has lasted for longer than its patience. */
  readonly verdict: () => KubeadmError | undefined;
  readonly close: () => void;
}

export interface WatchedBootstrap {
  /** A kubeconfig that may list certificate signing requests. */
  readonly credentials: Kubeconfig;
  readonly nodeName: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export function watchBootstrap(
  { clock, kube }: Pick<Host, 'kube' | 'clock'>,
  { credentials, emit, nodeName, signal }: WatchedBootstrap,
): BootstrapWatch {
  let client: KubeClient | undefined;
  let isLooking = false;
  let nextLook = clock.monotonic() + firstLookMs;
  let current:
    | { readonly obstacle: BootstrapObstacle; readonly since: number; seenAt: number; isReported: boolean }
    | undefined;
  const { token } = currentUserOf(credentials);
  /** Until the last look that has seen it. The answer to the next one may be under way. */
  const lasted = (): number => (current === undefined ? 0 : current.seenAt - current.since);
  const among = obstacleAmong(clock.now().getTime());
  const find = async (): Promise<BootstrapObstacle | undefined> => {
    client ??= kube(credentials);
    try {
      return among(await signingRequestsOf(client, nodeName, signal));
    } catch (error) {
      return obstacleOfError(error, { server: client.server, token });
    }
  };
  const note = (obstacle: BootstrapObstacle): void => {
    const isSame = current?.obstacle.message === obstacle.message;
    const now = clock.monotonic();
    if (!isSame) current = { obstacle, since: now, seenAt: now, isReported: false };
    if (current === undefined) return;
    current.seenAt = now;
    if (current.isReported || lasted() < reportAfterMs) return;
    current.isReported = true;
    emit({ type: 'progress', topic: 'kubelet-start', message: `${explained(obstacle)}. ${obstacle.hint}` });
  };
  const look = async (): Promise<void> => {
    isLooking = true;
    const obstacle = await find();
    isLooking = false;
    nextLook = clock.monotonic() + lookIntervalMs;
    if (obstacle !== undefined && !signal.aborted) note(obstacle);
  };
  return {
    look: () => {
      if (!isLooking && clock.monotonic() >= nextLook) void look();
    },
    obstacle: () => current?.obstacle,
    verdict: () => {
      if (current === undefined || lasted() < (current.obstacle.patienceMs ?? Infinity)) return undefined;
      return bootstrapError('refused', current.obstacle);
    },
    close: () => client?.close(),
  };
}

/** The kubelet starts a moment before the wait, and the clock of the API server can differ a little. */
const earlierMs = 5_000;

/** The returned function finds the obstacle in the requests of a look, the newest one first. */
function obstacleAmong(startedAt: number): (requests: readonly SigningRequest[]) => BootstrapObstacle {
  /** The refused requests that were there at the first look, and that may be from an earlier join. */
  let earlier: ReadonlySet<string> | undefined;
  return (requests) => {
    const refused = requests.filter(({ state }) => state === 'denied' || state === 'failed');
    const isEarlier = ({ createdAt }: SigningRequest): boolean => createdAt < startedAt - earlierMs;
    earlier ??= new Set(refused.filter(isEarlier).map(({ name }) => name));
    const own = refused.find(({ name }) => earlier?.has(name) === false);
    // The kubelet asks again at once, so a newer request may already wait.
    return own === undefined ? obstacleIn(requests[0]) : { ...obstacleIn(own), patienceMs: 0 };
  };
}

/** @param limit the end of the sentences, about the time limit that has passed */
export function bootstrapError(
  code: 'refused' | 'timeout',
  obstacle: BootstrapObstacle,
  { cause, limit }: { readonly cause?: unknown; readonly limit?: string } = {},
): KubeadmError {
  const { hint, reason, request } = obstacle;
  return new KubeadmError(code, `${bootstrapFailed}: ${explained(obstacle)}`, {
    cause,
    hint: [hint, ...(limit === undefined ? [] : [limit])].join(' '),
    details: { reason, ...(request === undefined ? {} : { request }) },
  });
}

function explained({ explanation, message }: BootstrapObstacle): string {
  return explanation === undefined ? message : `${message}. ${explanation}`;
}
