/** Upgrades the static Pods of this node. Source: phases/upgrade/staticpods.go, StaticPodControlPlane. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { waitFor } from '../clients/kube/wait-for.ts';
import { componentEndpoint, waitForComponent } from '../cluster/health.ts';
import type { Timeouts } from '../config/hub.ts';
import { isNotFound, KubeadmError } from '../errors.ts';
import { connectToEtcd } from '../etcd/connect.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { ownStaticPod, putStaticPod } from '../kubelet/static-pod.ts';
import { runningPodUid } from '../kubelet/wait-for-static-pod.ts';
import { at } from '../lib/is-record.ts';
import { etcdPod, type InitialMember } from '../manifests/etcd.ts';
import { kubeApiserverPod } from '../manifests/kube-apiserver.ts';
import { kubeControllerManagerPod } from '../manifests/kube-controller-manager.ts';
import { kubeSchedulerPod } from '../manifests/kube-scheduler.ts';
import type { Pod } from '../manifests/pod.ts';
import { readManifest } from '../manifests/read-manifest.ts';
import { renderStaticPod } from '../manifests/render.ts';
import { isSameManifest } from '../manifests/same-manifest.ts';
import type { ManifestInput } from '../manifests/static-pod.ts';
import { configHashAnnotation, controlPlaneComponents, manifestPath } from '../names.ts';
import type { PatchSet } from '../patches/index.ts';
import type { StaticPodName } from '../releases/release.ts';
import type { BackUps } from './back-up.ts';
import { type Renewal, renewForAdministrators, renewForComponent } from './renew-certificates.ts';
import { type SwapOptions, type Swapping, swapStaticPods } from './swap-static-pods.ts';
import { upgradeEtcd } from './upgrade-etcd.ts';

export interface ControlPlaneUpgrade {
  /** The values of the new manifests. */
  readonly manifests: ManifestInput;
  readonly patches: PatchSet | undefined;
  readonly criSocket: string;
  readonly etcdUpgrade: boolean;
  readonly certificateRenewal: boolean;
  readonly startTime: Date;
  readonly timeouts: Pick<Timeouts, 'upgradeManifests' | 'kubernetesAPICall' | 'etcdAPICall'>;
  readonly backups: Pick<BackUps, 'manifests' | 'etcd'>;
  readonly onSwapping: (swapping: Swapping) => Promise<void>;
  /** Notes the data directory of etcd whose copy a later try may put back. */
  readonly onRestorable: (dataDir: string) => Promise<void>;
}

export interface ControlPlaneContext {
  /** A client of the cluster. */
  readonly client: KubeClient;
  /** A client of the API server of this node. */
  readonly local: KubeClient;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** A component with its manifest on the disk and its new one. */
interface Component {
  readonly component: StaticPodName;
  /** Undefined if there is no manifest. */
  readonly current: string | undefined;
  readonly text: string;
  readonly isUnchanged: boolean;
}

const topic = 'upgrade/staticpods';

/**
 * Upgrades etcd, then the API server, and then the other components at the same time. All certificates are renewed before
 * their component is replaced, and those of the administrators before all, so that an error changes nothing else.
 *
 * @throws the errors of `swapStaticPods`, `upgradeEtcd` and `renewCertificate`
 */
export async function upgradeControlPlane(
  host: Host,
  upgrade: ControlPlaneUpgrade,
  context: ControlPlaneContext,
): Promise<void> {
  const { emit, signal } = context;
  const options = swapOptions(host, upgrade, context);
  const components = await newManifests(host, upgrade, emit);
  const renewal = { cluster: upgrade.manifests.cluster, startTime: upgrade.startTime, emit };
  const renews = upgrade.certificateRenewal;
  if (renews) await renewForAdministrators(host, renewal);
  const isApiServerChanged = components.some(isChangedApiServer);
  await upgradeLocalEtcd(host, upgrade, { ...context, options, renewal, isApiServerChanged });
  for (const { component, isUnchanged } of components) {
    if (isUnchanged) emit({ type: 'static-pod-unchanged', component });
  }
  const changed = components.filter(({ isUnchanged }) => !isUnchanged);
  signal.throwIfAborted();
  if (renews) {
    await Promise.all(changed.map(({ component }) => renewForComponent(host, component, renewal)));
  }
  const steps = [changed.filter(isChangedApiServer), changed.filter((one) => !isChangedApiServer(one))];
  await swapStaticPods(host, steps, options);
}

function isChangedApiServer({ component, isUnchanged }: Component): boolean {
  return component === 'kube-apiserver' && !isUnchanged;
}

/** Writes the new manifests without their waits, as a dry run does. */
export async function putNewManifests(
  host: Host,
  upgrade: Pick<ControlPlaneUpgrade, 'manifests' | 'patches'>,
  emit: Emit,
): Promise<void> {
  for (const { component, isUnchanged, text } of await newManifests(host, upgrade, emit)) {
    if (isUnchanged) emit({ type: 'static-pod-unchanged', component });
    else await putStaticPod(host.files, { component, text });
  }
}

const makers = {
  'kube-apiserver': kubeApiserverPod,
  'kube-controller-manager': kubeControllerManagerPod,
  'kube-scheduler': kubeSchedulerPod,
} as const satisfies Readonly<Record<(typeof controlPlaneComponents)[number], (input: ManifestInput) => Pod>>;

async function newManifests(
  host: Host,
  upgrade: Pick<ControlPlaneUpgrade, 'manifests' | 'patches'>,
  emit: Emit,
): Promise<readonly Component[]> {
  const found: Component[] = [];
  for (const component of controlPlaneComponents) {
    found.push(await newManifest(host, makers[component](upgrade.manifests), { ...upgrade, emit }));
  }
  return found;
}

async function newManifest(
  host: Host,
  pod: Pod,
  upgrade: Pick<ControlPlaneUpgrade, 'manifests' | 'patches'> & { readonly emit: Emit },
): Promise<Component> {
  const { emit, manifests, patches } = upgrade;
  const component = pod.metadata.name;
  const types = manifests.release.objectTypes;
  const owned = await ownStaticPod(pod, host, { input: manifests, emit });
  const text = renderStaticPod(owned, patches, { emit, types });
  const current = await host.files.readText(manifestPath(component)).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  return {
    component,
    current,
    text,
    isUnchanged: current !== undefined && isSameManifest(current, text, types),
  };
}

interface EtcdContext extends ControlPlaneContext {
  readonly options: SwapOptions;
  readonly renewal: Renewal;
  readonly isApiServerChanged: boolean;
}

async function upgradeLocalEtcd(
  host: Host,
  upgrade: ControlPlaneUpgrade,
  { client, emit, isApiServerChanged, options, renewal, signal }: EtcdContext,
): Promise<void> {
  const { backups, certificateRenewal, etcdUpgrade, manifests, timeouts } = upgrade;
  const { cluster, release } = manifests;
  const { local } = cluster.etcd;
  if (local === undefined || cluster.etcd.external !== undefined || !etcdUpgrade) return;
  const pod = etcdPod(manifests, local, await knownMembers(host));
  const { current, isUnchanged, text } = await newManifest(host, pod, { ...upgrade, emit });
  if (current === undefined) throw noManifest();
  const renew = async (): Promise<void> => {
    const isUsed = !isUnchanged || isApiServerChanged;
    if (certificateRenewal && isUsed) await renewForComponent(host, 'etcd', renewal);
  };
  const { certificatesDir } = cluster;
  const etcd = await connectToEtcd(host, { client, certificatesDir }, { timeouts, emit, signal, topic });
  try {
    await upgradeEtcd(
      host,
      {
        etcd,
        dataDir: local.dataDir,
        advertiseAddress: manifests.endpoint.advertiseAddress,
        current,
        manifest: text,
        wanted: (local.imageTag || release.images.etcd).replace('_', '+'),
        isUnchanged,
        renew,
        backupDir: backups.etcd,
        onRestorable: async () => await upgrade.onRestorable(local.dataDir),
      },
      options,
    );
  } finally {
    etcd.close();
  }
}

/** The members in the manifest of a node that joined. With them, its new manifest is the same as before. */
async function knownMembers(host: Pick<Host, 'files'>): Promise<readonly InitialMember[]> {
  const flags = (await readManifest(host, 'etcd'))?.flags;
  if (flags?.get('initial-cluster-state') !== 'existing') return [];
  const members = (flags.get('initial-cluster') ?? '').split(',').filter((member) => member !== '');
  return members.map((member) => {
    const [name = '', ...url] = member.split('=');
    return { name, peerURL: url.join('=') };
  });
}

function noManifest(): KubeadmError {
  const file = manifestPath('etcd');
  return new KubeadmError(
    'file',
    `${file} does not exist, but the cluster has an etcd on its control planes`,
    {
      place: { file },
      hint: 'If etcd runs elsewhere, configure etcd.external. To leave etcd as it is, use --etcd-upgrade=false.',
    },
  );
}

export interface LocalComponents {
  /** A client of the API server of this node. */
  readonly local: KubeClient;
  readonly advertiseAddress: string;
  readonly timeoutMs: number;
}

/** Returns a function that waits until a component of this node is healthy. `waitForMember` does so for etcd. */
export function healthOf(
  host: Pick<Host, 'files' | 'net' | 'clock'>,
  { advertiseAddress, local, timeoutMs }: LocalComponents,
): SwapOptions['isHealthy'] {
  return async (name, signal) => {
    if (name === 'etcd') return;
    const component = await componentEndpoint(host, name, advertiseAddress);
    await waitForComponent(host, local, { component, wait: { timeoutMs, signal } });
  };
}

function swapOptions(
  host: Host,
  { backups, criSocket, manifests, onSwapping, timeouts }: ControlPlaneUpgrade,
  { emit, local, signal }: ControlPlaneContext,
): SwapOptions {
  const { endpoint, nodeName } = manifests;
  const timeoutMs = timeouts.upgradeManifests;
  const isHealthy = healthOf(host, { local, advertiseAddress: endpoint.advertiseAddress, timeoutMs });
  return {
    nodeName,
    criSocket,
    timeoutMs,
    backupDir: backups.manifests,
    isHealthy,
    onSwapping,
    emit,
    signal,
  };
}

export interface MirrorPodWait {
  readonly client: KubeClient;
  readonly nodeName: string;
  readonly criSocket: string;
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Waits until the API shows the Pods that run on this node. The kubelet registers them when it reaches the API server
 * again.
 *
 * @throws RetryTimeout; CriError; the signal's reason
 */
export async function waitForMirrorPods(
  host: Pick<Host, 'cri' | 'clock'>,
  wait: MirrorPodWait,
): Promise<void> {
  const { criSocket, emit, nodeName, timeoutMs } = wait;
  const start = host.clock.monotonic();
  const what = 'the API to show the Pods of the control plane';
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  const cri = host.cri(criSocket);
  try {
    const uids = await Promise.all(
      controlPlaneComponents.map(async (component) => {
        return { component, uid: await runningPodUid(cri, { component, nodeName }) };
      }),
    );
    await Promise.all(uids.map((pod) => waitForMirrorPod(host, pod, wait)));
  } finally {
    cri.close();
  }
  emit({ type: 'waited', topic, for: what, milliseconds: host.clock.monotonic() - start });
}

async function waitForMirrorPod(
  { clock }: Pick<Host, 'clock'>,
  { component, uid }: { readonly component: string; readonly uid: string | undefined },
  { client, nodeName, signal, timeoutMs }: MirrorPodWait,
): Promise<void> {
  const name = `${component}-${nodeName}`;
  const query = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    fieldSelector: `metadata.name=${name}`,
  };
  const missing = ([pod]: readonly KubeObject[]): string =>
    pod === undefined ? `Pod ${name} does not exist` : `Pod ${name} is still the earlier one`;
  const isShown = (pod: KubeObject): boolean =>
    pod.metadata.annotations?.[configHashAnnotation] === uid && at(pod, 'status', 'phase') === 'Running';
  await waitFor(client, query, ([pod]) => (pod !== undefined && isShown(pod) ? true : undefined), {
    clock,
    what: `Pod ${name}`,
    timeoutMs,
    signal,
    missing,
  });
}
