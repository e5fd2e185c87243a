/** Upgrades the static Pods of this node. Source: phases/upgrade/staticpods.go, StaticPodControlPlane. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { componentEndpoint, waitForComponent } from '../cluster/health.ts';
import type { Timeouts } from '../config/hub.ts';
import { ifExists, KubeadmError } from '../errors.ts';
import { connectToEtcd } from '../etcd/connect.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { ownStaticPod, putStaticPod } from '../kubelet/static-pod.ts';
import { at } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { controlPlanePods } from '../manifests/control-plane.ts';
import { etcdPod, type InitialMember } from '../manifests/etcd.ts';
import type { Pod } from '../manifests/pod.ts';
import { readManifest } from '../manifests/read-manifest.ts';
import { renderStaticPod } from '../manifests/render.ts';
import { isSameManifest } from '../manifests/same-manifest.ts';
import type { ManifestInput } from '../manifests/static-pod.ts';
import { controlPlaneComponents, manifestPath } from '../names.ts';
import type { PatchSet } from '../patches/index.ts';
import type { StaticPodName } from '../releases/release.ts';
import type { BackUps } from './back-up.ts';
import { endOtherApiServers } from './end-api-server.ts';
import { type Renewal, renewForAdministrators, renewForComponent } from './renew-certificates.ts';
import type { SwapOptions, Swapping } from './swap.ts';
import { swapStaticPods } from './swap-static-pods.ts';
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
  const components = await newManifests(host, upgrade, emit);
  const options = {
    ...swapOptions(host, upgrade, context),
    ...(await earlyEnd(host, upgrade, components)),
  };
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

async function newManifests(
  host: Host,
  upgrade: Pick<ControlPlaneUpgrade, 'manifests' | 'patches'>,
  emit: Emit,
): Promise<readonly Component[]> {
  const found: Component[] = [];
  for (const component of controlPlaneComponents) {
    found.push(await newManifest(host, controlPlanePods[component](upgrade.manifests), { ...upgrade, emit }));
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
  const current = await ifExists(host.files.readText(manifestPath(component)));
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

/** The grace period of a manifest that the user has set is left to the kubelet. */
async function earlyEnd(
  host: Host,
  { criSocket, manifests }: ControlPlaneUpgrade,
  components: readonly Component[],
): Promise<Pick<SwapOptions, 'endOtherPods'>> {
  const current = components.find(isChangedApiServer)?.current;
  if (current === undefined) return {};
  if (at(parseYaml(current), 'spec', 'terminationGracePeriodSeconds') !== undefined) return {};
  const { endpoint, nodeName } = manifests;
  const { url } = await componentEndpoint(host, 'kube-apiserver', endpoint.advertiseAddress);
  const ending = { criSocket, nodeName, url };
  return {
    endOtherPods: async (component, end) => {
      if (component === 'kube-apiserver') await endOtherApiServers(host, ending, end);
    },
  };
}
