/**
 * `kubeadm certs renew --restart`: renews the certificates of one component after the other, and makes each component use
 * them before the next one is touched.
 */

import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host.ts';
import { usedCriSocket } from '../kubelet/written-socket.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { isFile } from '../pki/files.ts';
import type { RenewableCertificate } from '../pki/renew.ts';
import type { StaticPodName } from '../releases/release.ts';
import { certificatesOf } from '../upgrade/renew-certificates.ts';
import { type NodeAccess, waitUntilAccepted, waitUntilHealthy } from './health.ts';
import { type ComponentFiles, dropKeptFiles, hasKeptFiles, keepFiles, restoreFiles } from './kept-pairs.ts';
import { stateOf } from './state.ts';
import { type TakeUpOptions, takeUp } from './take-up.ts';
import { type CertificateUse, certificateUses } from './uses.ts';

/** Limits the question whether a component works now. */
const probeTimeoutMs = 5_000;

export interface RestartingRenewal {
  readonly cluster: ClusterConfiguration;
  readonly renewable: readonly RenewableCertificate[];
  readonly access: NodeAccess;
  /** Renews one certificate, reports it, and returns whether it was renewed. */
  readonly renew: (renewable: RenewableCertificate) => Promise<boolean>;
  /** When it is aborted, the component that is being renewed is completed or put back first. */
  readonly signal: AbortSignal;
}

type Access = Pick<TakeUpOptions, 'criSocket'>;

/** The certificates of one component, or those of the administrators, which no component uses. */
interface Step {
  readonly component: StaticPodName | undefined;
  readonly renewable: readonly RenewableCertificate[];
  readonly uses: readonly CertificateUse[];
  readonly files: ComponentFiles;
}

/**
 * The certificates of the administrators come first, because kubeadm itself uses them.
 *
 * @throws KubeadmError as `takeUp`, `interrupted`; the errors of `renew`; FileError
 */
export async function renewAndRestart(host: Host, renewal: RestartingRenewal): Promise<void> {
  const { cluster, signal } = renewal;
  const uses = await certificateUses(host, cluster);
  const criSocket = await usedCriSocket(host);
  for (const step of stepsOf(renewal, uses)) {
    if (signal.aborted) throw new KubeadmError('interrupted', messageOf(signal.reason));
    await renewStep(host, step, { ...renewal, criSocket });
  }
}

function stepsOf(
  { cluster, renewable }: RestartingRenewal,
  uses: readonly CertificateUse[],
): readonly Step[] {
  const components = Object.entries(certificatesOf) as [StaticPodName, readonly string[]][];
  const ofComponents = new Set(components.flatMap(([, names]) => names));
  const administrators = renewable.filter(({ name }) => !ofComponents.has(name));
  const step = (component: Step['component'], own: Step['renewable']): Step => ({
    component,
    renewable: own,
    uses: uses.filter(({ certificate }) => own.some(({ name }) => name === certificate)),
    files: {
      name: component ?? 'administrators',
      pairs: own.map((one) => [...new Set([one.keyPath(cluster), one.path(cluster)])]),
    },
  });
  return [
    step(undefined, administrators),
    ...components.map(([component, names]) =>
      step(
        component,
        renewable.filter(({ name }) => names.includes(name)),
      ),
    ),
  ].filter((one) => one.renewable.length > 0);
}

async function renewStep(host: Host, step: Step, renewal: RestartingRenewal & Access): Promise<void> {
  const { access, criSocket } = renewal;
  const { component, files } = step;
  const isKept = await hasKeptFiles(host.files, files);
  const isHealthy = (await problemOf(host, step, renewal)) === undefined;
  if (isHealthy) await keepFiles(host.files, files, await isProved(host, step, criSocket));
  const canPutBack = isHealthy || isKept;
  const renewed = await renewAll(host, step, { ...renewal, canPutBack });
  const uses = step.uses.filter(({ certificate }) => renewed.includes(certificate));
  if (component !== undefined && uses.length > 0) {
    await takeUp(host, { component, uses, kept: files, canPutBack }, { access, criSocket });
  } else if (component === undefined && renewed.length > 0 && canPutBack) {
    await proveAdministrators(host, step, renewal);
  }
  await dropKeptFiles(host.files, files.name);
}

/** Returns the names of the renewed certificates. If one of them fails, all have their earlier content. */
async function renewAll(
  host: Host,
  { files, renewable }: Step,
  { canPutBack, renew }: Pick<RestartingRenewal, 'renew'> & { readonly canPutBack: boolean },
): Promise<readonly string[]> {
  const renewed: string[] = [];
  try {
    for (const one of renewable) if (await renew(one)) renewed.push(one.name);
  } catch (error) {
    if (canPutBack) await restoreFiles(host.files, files);
    throw error;
  }
  return renewed;
}

/** @throws KubeadmError if the API server does not accept the new certificates, after the earlier ones are put back */
async function proveAdministrators(host: Host, step: Step, renewal: RestartingRenewal): Promise<void> {
  const problem = await problemOf(host, step, renewal);
  if (problem === undefined) return;
  const names = step.renewable.map(({ name }) => name).join(', ');
  await restoreFiles(host.files, step.files);
  throw new KubeadmError(
    'certificate-invalid',
    `the API server does not accept the new client certificates of ${names}, so kubeadm put the earlier ones back: ${messageOf(problem)}`,
    {
      cause: problem,
      hint: 'Check that --cert-dir is the directory with the certificate authority of this cluster.',
    },
  );
}

/** Returns why the component of a step, or the API server for the administrators, does not work with the files on the disk. */
async function problemOf(
  host: Host,
  { component, renewable }: Step,
  { access, cluster }: Pick<RestartingRenewal, 'access' | 'cluster'>,
): Promise<KubeadmError | RetryTimeout | undefined> {
  const wait = { timeoutMs: probeTimeoutMs, signal: new AbortController().signal };
  const quiet = { ...access, emit: () => undefined };
  try {
    if (component !== undefined) await waitUntilHealthy(host, component, { access: quiet, wait });
    else {
      for (const path of renewable.map((one) => one.path(cluster))) {
        if (await isFile(host.files, path)) await waitUntilAccepted(host, path, wait);
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof KubeadmError || error instanceof RetryTimeout) return error;
    throw error;
  }
}

/** Whether the component runs with the files on the disk. */
async function isProved(host: Host, { uses }: Step, criSocket: string): Promise<boolean> {
  const states = await Promise.all(uses.map((use) => stateOf(host, use, { criSocket })));
  return !states.includes('old');
}
