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
import type { ImageSource } from '../images.ts';
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
import { typedObject } from './typed-object.ts';

export interface CorednsInput extends ImageSource {
  readonly patches: PatchSet | undefined;
  readonly emit: Emit;
}

/**
 * Creates or updates everything. The number of replicas that an existing Deployment has is kept, and so is
 * a Corefile that somebody has changed.
 *
 * @throws KubeadmError `refused` when there is more than one DNS Deployment, or a ConfigMap without Corefile
 */
export async function applyCoredns(
  { cluster, release, patches, emit }: CorednsInput,
  client: KubeClient,
  policy: RetryPolicy,
): Promise<void> {
  const replicas = await deployedReplicas(client, policy);
  const types = release.objectTypes;
  const plain = corednsDeployment({ cluster, release }, replicas);
  const deployment =
    patches === undefined
      ? typedObject(plain, types)
      : (applyTypedPatches(patches, 'corednsdeployment', plain, {
          emit,
          types,
        }) as unknown as KubeObject);
  await applyCorefile(cluster, client, policy);
  for (const object of [corednsClusterRole, corednsClusterRoleBinding, corednsServiceAccount]) {
    await createOrUpdate(client, typedObject(object, types), policy);
  }
  await createOrUpdate(client, deployment, policy);
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

async function deployedReplicas(client: KubeClient, policy: RetryPolicy): Promise<number> {
  const { signal } = policy;
  const options = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', signal };
  const { items: deployments } = await retryApiCall('the DNS Deployments to be listed', policy, () =>
    client.list('apps/v1', 'Deployment', options),
  );
  if (deployments.length > 1) {
    const names = deployments.map(({ metadata }) => metadata.name).join(', ');
    throw new KubeadmError('refused', `there is more than one DNS Deployment in kube-system: ${names}`, {
      hint: 'Keep one Deployment with the label k8s-app=kube-dns.',
    });
  }
  const spec = deployments[0]?.spec;
  return isObject(spec) && typeof spec.replicas === 'number' ? spec.replicas : corednsReplicas;
}

async function applyCorefile(
  cluster: ClusterConfiguration,
  client: KubeClient,
  policy: RetryPolicy,
): Promise<void> {
  const configMap = corednsConfigMap(cluster);
  const corefile = await deployedCorefile(client, configMap, policy);
  const own = corefile === '' || sameText(corefile, defaultCorefile(cluster.networking.dnsDomain));
  if (own) await createOrUpdate(client, configMap, policy);
  else await createOrRetain(client, configMap, policy);
}

/** Returns an empty text if the ConfigMap does not exist. */
async function deployedCorefile(
  client: KubeClient,
  configMap: KubeObject,
  policy: RetryPolicy,
): Promise<string> {
  const { signal } = policy;
  const { name } = configMap.metadata;
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
  throw new KubeadmError('refused', `ConfigMap kube-system/${name} has no key Corefile`, {
    hint: 'Put the Corefile back, or delete the ConfigMap and run the phase again.',
  });
}

/** Ignores white space, because it has no meaning in a Corefile. */
function sameText(one: string, other: string): boolean {
  const words = (text: string) => text.trim().split(/\s+/).join(' ');
  return words(one) === words(other);
}
