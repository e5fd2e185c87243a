/** Makes a component use renewed certificates, and puts the earlier ones back if it does not work with them. */
import { untilCause } from '../diagnosis/until-cause.ts';
import { KubeadmError, messageOf, withContext } from '../errors.ts';
import type { Host } from '../host.ts';
import type { HealthWait } from '../kubelet/health.ts';
import { stopStaticPod, waitForRestart } from '../kubelet/restart-static-pod.ts';
import { retry } from '../lib/retry.ts';
import type { StaticPodName } from '../releases/release.ts';
import { type NodeAccess, waitForHealthyKubelet, waitUntilAccepted, waitUntilHealthy } from './health.ts';
import { type ComponentFiles, restoreFiles } from './kept-pairs.ts';
import { stateOf } from './state.ts';
import type { CertificateUse } from './uses.ts';

/** A component reads its files again within a minute. */
const readTimeoutMs = 90_000;
/** A kubelet that starts a container again, because it has ended by itself, waits up to five minutes. */
const restartTimeoutMs = 360_000;
const healthTimeoutMs = 30_000;

export interface RenewedComponent {
  readonly component: StaticPodName;
  /** The uses of the renewed certificates. */
  readonly uses: readonly CertificateUse[];
  /** The copies of the earlier files. */
  readonly kept: ComponentFiles;
  /** Whether it works with the earlier files. Otherwise the new ones stay. */
  readonly canPutBack: boolean;
}

export interface TakeUpOptions {
  readonly access: NodeAccess;
  readonly criSocket: string;
}

/**
 * Restarts the component if it reads one of the certificates only when it starts, and waits until it works with all of
 * them. A signal does not end it, so that the component is either proved or has its earlier certificates.
 *
 * @throws KubeadmError with the cause; `details.putBack` has the names of the certificates that were put back, and
 *   `details.problems` why the component does not work with them
 */
export async function takeUp(host: Host, renewed: RenewedComponent, options: TakeUpOptions): Promise<void> {
  const { component, uses } = renewed;
  const { emit } = options.access;
  const start = host.clock.monotonic();
  const isRestarted = uses.some(({ read }) => read === 'start');
  let isEnded = false;
  try {
    if (isRestarted) await waitUntilReady(host, renewed);
    isEnded = isRestarted;
    await bringUp(host, renewed, { ...options, isRestarted, which: 'new' });
  } catch (error) {
    throw renewed.canPutBack
      ? await putBack(host, renewed, { ...options, error, isRestarted: isEnded })
      : notHealthyBefore(component, error);
  }
  const certificates = uses.map(({ certificate }) => certificate);
  const milliseconds = host.clock.monotonic() - start;
  emit({ type: 'certificates-taken-up', component, certificates, restarted: isRestarted, milliseconds });
}

/** Nothing is ended before the kubelet can start it again, and the API server accepts the new certificate. */
async function waitUntilReady(host: Host, { uses }: RenewedComponent): Promise<void> {
  const wait = { timeoutMs: healthTimeoutMs, signal: new AbortController().signal };
  await waitForHealthyKubelet(host, wait);
  for (const { path, read } of uses) {
    if (read === 'start') await waitUntilAccepted(host, path, wait);
  }
}

interface BringUpOptions extends TakeUpOptions {
  readonly isRestarted: boolean;
  readonly which: 'new' | 'earlier';
}

async function bringUp(
  host: Host,
  { canPutBack, component, uses }: Omit<RenewedComponent, 'kept'>,
  { access, criSocket, isRestarted, which }: BringUpOptions,
): Promise<void> {
  const { emit } = access;
  const ended = isRestarted ? await endOld(host, { component, uses }, { access, criSocket }) : undefined;
  await untilCause(host, {
    what: `${component} does not work with its ${which} certificates`,
    criSocket,
    components: [component],
    wording: 'doctor',
    endingPods: new Set(),
    // Before the other components have new certificates, theirs may have expired. That does not end this wait.
    endsEarly: isRestarted,
    emit,
    wait: async (signal) => {
      if (isRestarted) {
        await waitForRestart(host, { component, criSocket, ended, timeoutMs: restartTimeoutMs, signal });
      }
      // A component that did not work, because its certificates had expired, may just wait for its next start.
      const mayStart = isRestarted || !canPutBack;
      const readMs = mayStart ? restartTimeoutMs : readTimeoutMs;
      for (const use of uses) await waitUntilCurrent(host, use, { criSocket, signal, timeoutMs: readMs });
      const timeoutMs = mayStart ? restartTimeoutMs : healthTimeoutMs;
      await waitUntilHealthy(host, component, { access, wait: { timeoutMs, signal } });
    },
  });
}

/** Ends the container if it started before the files were written, and returns its id. */
async function endOld(
  host: Host,
  { component, uses }: Pick<RenewedComponent, 'component' | 'uses'>,
  { access, criSocket }: TakeUpOptions,
): Promise<string | undefined> {
  const states = await Promise.all(uses.map((use) => stateOf(host, use, { criSocket })));
  if (!states.includes('old')) return undefined;
  access.emit({ type: 'static-pod-restarting', component });
  return await stopStaticPod(host, { component, criSocket });
}

async function waitUntilCurrent(
  host: Host,
  use: CertificateUse,
  { criSocket, signal, timeoutMs }: HealthWait & Pick<TakeUpOptions, 'criSocket'>,
): Promise<void> {
  const { certificate, component, url } = use;
  if (url === undefined) return;
  const what = `${component} to serve the certificate ${certificate} of its file`;
  await retry(
    async () => {
      const state = await stateOf(host, use, { criSocket, signal });
      if (state === 'current') return;
      const problem = state === 'old' ? 'it serves another certificate' : `nothing answers at ${url}`;
      throw new KubeadmError('timeout', problem);
    },
    { clock: host.clock, what, timeoutMs, signal },
  );
}

/** Returns the error of the run, with what happened to the component. */
async function putBack(
  host: Host,
  renewed: RenewedComponent,
  options: TakeUpOptions & { readonly isRestarted: boolean; readonly error: unknown },
): Promise<KubeadmError> {
  const { component, uses } = renewed;
  const { access, error } = options;
  const start = host.clock.monotonic();
  const problem = await restore(host, renewed, options);
  const milliseconds = host.clock.monotonic() - start;
  const certificates = uses.map(({ certificate }) => certificate);
  if (problem === undefined) {
    access.emit({ type: 'certificates-put-back', component, certificates, milliseconds });
  }
  const outcome =
    problem === undefined
      ? `kubeadm put the earlier certificates of ${component} back, and it runs with them`
      : `kubeadm put the earlier certificates of ${component} back, but it does not run again: ${problem}`;
  return withContext(
    error,
    `couldn't renew the certificates of ${component}: ${messageOf(error)}\n${outcome}`,
    {
      code: 'control-plane-unhealthy',
      details: { putBack: certificates, problems: problem === undefined ? [] : [problem], milliseconds },
    },
  );
}

/** Returns why the component does not work with its earlier certificates; undefined if it does. */
async function restore(
  host: Host,
  { kept, ...renewed }: RenewedComponent,
  options: TakeUpOptions & { readonly isRestarted: boolean },
): Promise<string | undefined> {
  try {
    await restoreFiles(host.files, kept);
    await bringUp(host, renewed, { ...options, which: 'earlier' });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function notHealthyBefore(component: string, error: unknown): KubeadmError {
  return withContext(
    error,
    `${component} does not work with its new certificates: ${messageOf(error)}\nIt did not work before the renewal either, so the new certificates stay`,
    {
      code: 'control-plane-unhealthy',
      hint: 'Renew the certificates of the other control planes, too, if they have expired. Then run the same command again.',
      details: { putBack: [] },
    },
  );
}
