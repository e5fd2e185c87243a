/** CoreDNS in the cluster. Source: cmd/kubeadm/app/phases/addons/dns/dns.go. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import {
  createOrRetain,
  createOrUpdate,
  hasReason,
  type RetryPolicy,
  retryApiCall,
} from '../cluster/apply.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { firstImage, type ImageSource, tagOf } from '../images.ts';
import { at } from '../lib/is-record.ts';
import { isObject } from '../lib/json-value.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { applyPatches, applyTypedPatches, type PatchSet } from '../patches/index.ts';
import {
  corednsClusterRole,
  corednsClusterRoleBinding,
  corednsConfigMap,
  corednsDeployment,
  corednsReplicas,
  corednsServiceAccount,
  defaultCorefile,
  dnsService,
} from './coredns.ts';
import { isDefaultCorefile } from './corefile/default-corefile.ts';
import { migrateCorefile } from './corefile/migrate.ts';
import { changesOf, describeNotice, type Notice } from './corefile/notices.ts';
import { corednsDeploymentIn, withoutCorefile } from './deployed-coredns.ts';
import { typedObject } from './typed-object.ts';

export interface CorednsInput extends ImageSource {
  readonly patches: PatchSet | undefined;
  readonly emit: Emit;
}

/**
 * Creates or updates everything. The number of replicas that an existing Deployment has is kept, and so is a Corefile that
 * somebody has changed, as far as the new CoreDNS can read it.
 *
 * @throws KubeadmError `refused` when there is more than one DNS Deployment, a ConfigMap without Corefile, or a Corefile
 *   for a CoreDNS that the rules of the migration do not know
 */
export async function applyCoredns(
  { cluster, release, patches, emit }: CorednsInput,
  client: KubeClient,
  policy: RetryPolicy,
): Promise<void> {
  const deployed = await readDeployment(client, policy);
  const types = release.objectTypes;
  const plain = corednsDeployment({ cluster, release }, replicasOf(deployed));
  const deployment =
    patches === undefined
      ? typedObject(plain, types)
      : (applyTypedPatches(patches, 'corednsdeployment', plain, {
          emit,
          types,
        }) as unknown as KubeObject);
  const versions = {
    installed: tagOf(firstImage(at(deployed, 'spec', 'template', 'spec'))),
    target: withoutV(release.images.coredns),
  };
  const corefile = await applyCorefile(cluster, client, { versions, emit, policy });
  for (const object of [corednsClusterRole, corednsClusterRoleBinding, corednsServiceAccount]) {
    await createOrUpdate(client, typedObject(object, types), policy);
  }
  // A CoreDNS whose Corefile could not be migrated stays as it is.
  if (corefile === 'unreadable') await createOrRetain(client, deployment, policy);
  else await createOrUpdate(client, deployment, policy);
  // If the address is in use, most likely by this Service, the API server answers Invalid instead of AlreadyExists.
  await createOrUpdate(client, typedObject(dnsService(cluster), types), policy, { updateInvalid: true });
  emit({ type: 'addon-applied', addon: 'CoreDNS' });
}

/** The YAML documents of --print-manifest. */
export function printCoredns(input: CorednsInput): string {
  const { cluster } = input;
  return [
    patchedDeployment(input, corednsReplicas),
    corednsConfigMap(cluster),
    dnsService(cluster),
    corednsClusterRole,
    corednsClusterRoleBinding,
    corednsServiceAccount,
  ]
    .map((object) => `---\n${toYaml(object)}`)
    .join('');
}

function patchedDeployment(input: CorednsInput, replicas: number): object {
  const { emit, patches, release } = input;
  const deployment = corednsDeployment(input, replicas);
  if (patches === undefined) return deployment;
  return applyPatches(patches, 'corednsdeployment', deployment, { emit, types: release.objectTypes });
}

async function readDeployment(client: KubeClient, policy: RetryPolicy): Promise<KubeObject | undefined> {
  const { signal } = policy;
  const options = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', signal };
  const { items } = await retryApiCall('the DNS Deployments to be listed', policy, () =>
    client.list('apps/v1', 'Deployment', options),
  );
  return corednsDeploymentIn(items);
}

function replicasOf(deployment: KubeObject | undefined): number {
  const replicas = at(deployment, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : corednsReplicas;
}

const withoutV = (version: string): string => version.replace(/^v+/, '');

interface CorefileUpdate {
  /** `installed` is the tag of the image; empty without a Deployment. `target` has no leading v. */
  readonly versions: { readonly installed: string; readonly target: string };
  readonly emit: Emit;
  readonly policy: RetryPolicy;
}

/** Returns `unreadable` if the new CoreDNS may not read the Corefile, which is kept. */
async function applyCorefile(
  cluster: ClusterConfiguration,
  client: KubeClient,
  update: CorefileUpdate,
): Promise<'readable' | 'unreadable'> {
  const { policy } = update;
  const configMap = corednsConfigMap(cluster);
  const corefile = await deployedCorefile(client, configMap, policy);
  const { installed, target } = update.versions;
  const isUpdate = corefile !== '' && installed !== '' && withoutV(installed) !== target;
  const changes = isUpdate ? changesOf(withoutV(installed), target, corefile) : [];
  const isOwn = sameText(corefile, defaultCorefile(cluster.networking.dnsDomain));
  if (corefile === '' || isOwn || isDefaultCorefile(corefile)) {
    await createOrUpdate(client, configMap, policy);
    return 'readable';
  }
  if (changes.some(({ severity }) => severity === 'removed' || severity === 'newdefault')) {
    return await migrateInCluster(client, { ...update, configMap, corefile, changes });
  }
  await createOrRetain(client, configMap, policy);
  return 'readable';
}

interface Migration extends CorefileUpdate {
  readonly configMap: KubeObject;
  readonly corefile: string;
  readonly changes: readonly Notice[];
}

/** Stores the migrated Corefile, and the old one beside it, which the running CoreDNS reads until it is updated. */
async function migrateInCluster(
  client: KubeClient,
  { changes, configMap, corefile, emit, policy, versions }: Migration,
): Promise<'readable' | 'unreadable'> {
  let migrated: string;
  try {
    migrated = migrateCorefile(versions.installed, versions.target, corefile);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    const message = `The Corefile is kept as it is, and so is CoreDNS ${versions.installed}: ${error.message}`;
    emit({ type: 'warning', code: 'corefile-not-migrated', topic: 'addons', message });
    return 'unreadable';
  }
  const data = { Corefile: migrated, [backupKey]: corefile };
  await createOrUpdate(client, { ...configMap, data }, policy);
  const items = [{ key: backupKey, path: 'Corefile' }];
  const volumes = [{ name: 'config-volume', configMap: { name: 'coredns', items } }];
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'coredns', namespace: 'kube-system' };
  await retryApiCall('Deployment kube-system/coredns to be patched', policy, () =>
    client.patch(ref, 'strategic', { spec: { template: { spec: { volumes } } } }, { signal: policy.signal }),
  );
  emit({ type: 'progress', topic: 'addons', message: 'Migrating CoreDNS Corefile' });
  for (const change of changes) {
    emit({ type: 'detail', verbosity: 2, topic: 'addons', message: describeNotice(change) });
  }
  return 'readable';
}

/** The key of the Corefile before the migration. */
const backupKey = 'Corefile-backup';

/** The Corefile of the cluster; empty if the ConfigMap does not exist. @throws KubeadmError `refused` without the key */
async function deployedCorefile(
  client: KubeClient,
  { metadata: { name } }: Pick<KubeObject, 'metadata'>,
  policy: RetryPolicy,
): Promise<string> {
  const { signal } = policy;
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'kube-system' };
  const existing = await retryApiCall(`ConfigMap kube-system/${name} to be read`, policy, async () => {
    try {
      return await client.get(ref, { signal });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  });
  if (existing === undefined) return '';
  const corefile = isObject(existing.data) ? existing.data.Corefile : undefined;
  if (typeof corefile === 'string') return corefile;
  throw withoutCorefile();
}

/** Ignores white space, because it has no meaning in a Corefile. */
function sameText(one: string, other: string): boolean {
  const words = (text: string) => text.trim().split(/\s+/).join(' ');
  return words(one) === words(other);
}
