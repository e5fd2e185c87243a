/** Reads the configuration that kubeadm stored in the cluster. Source: util/config/cluster.go. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { decodeData } from '../config/reading/decode.ts';
import { parseDocuments } from '../config/reading/documents.ts';
import type { Decoded, ObjectShape } from '../config/reading/shape.ts';
import { clusterToV1beta4 } from '../config/v1beta3/convert.ts';
import { clusterConfiguration as v1beta3 } from '../config/v1beta3/shapes.ts';
import { defaultCluster } from '../config/v1beta4/defaults.ts';
import { clusterConfiguration as v1beta4 } from '../config/v1beta4/shapes.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { pathText } from '../lib/field-path.ts';
import { at } from '../lib/is-record.ts';
import { type RetryClock, RetryTimeout, retry } from '../lib/retry.ts';
import { kubeadmConfigMap } from '../names.ts';
import { clusterConfigurationKey } from './kubeadm-config.ts';

const source = `ConfigMap kube-system/${kubeadmConfigMap}, ${clusterConfigurationKey}`;

interface Waiting {
  readonly clock: RetryClock;
  /** Ends the call and the pauses. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a ConfigMap of kube-system. It retries only for a third of a second, because its callers can continue without the
 * ConfigMap or wait themselves.
 *
 * @throws KubeApiError or NetError of the last try; the signal's reason
 */
export async function readConfigMap(
  client: KubeClient,
  name: string,
  { clock, signal }: Waiting,
): Promise<KubeObject> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'kube-system' };
  const what = `ConfigMap kube-system/${name}`;
  try {
    const options = { clock, signal, what, timeoutMs: 350, intervalMs: () => 50 };
    return await retry(() => client.get(ref, { signal }), options);
  } catch (error) {
    throw error instanceof RetryTimeout ? error.cause : error;
  }
}

/**
 * Reads the ClusterConfiguration that `init` or the last upgrade stored, and sets defaults. The version is not resolved.
 * Unknown fields are a warning.
 *
 * @throws KubeadmError `config-invalid` if the ConfigMap has no ClusterConfiguration or one of another API version, and
 *   the errors of `readConfigMap`
 */
export async function readClusterConfiguration(
  client: KubeClient,
  waiting: Waiting,
  emit: Emit,
): Promise<ClusterConfiguration> {
  const stored = at(await readConfigMap(client, kubeadmConfigMap, waiting), 'data', clusterConfigurationKey);
  if (typeof stored !== 'string') throw invalid('the key is missing');
  return parseClusterConfiguration(stored, emit);
}

/**
 * Calls `readClusterConfiguration` and reports it with upstream's lines. Source: util/config/cluster.go,
 * FetchInitConfigurationFromCluster.
 *
 * @param topic the topic of the lines, which is the name of the command
 * @throws the errors of `readClusterConfiguration`
 */
export async function fetchClusterConfiguration(
  client: KubeClient,
  { clock }: { readonly clock: RetryClock },
  { emit, signal, topic }: { readonly emit: Emit; readonly signal?: AbortSignal; readonly topic: string },
): Promise<ClusterConfiguration> {
  emit({ type: 'cluster-configuration-reading', topic });
  return await readClusterConfiguration(client, { clock, signal }, emit);
}

/** @param yaml the stored text, which has one document */
export function parseClusterConfiguration(yaml: string, emit: Emit): ClusterConfiguration {
  const document = parseDocuments(yaml, source).find(({ kind }) => kind === 'ClusterConfiguration');
  if (document === undefined) throw invalid('it holds no ClusterConfiguration');
  switch (document.apiVersion) {
    case 'kubeadm.k8s.io/v1beta4':
      return defaultCluster(read(v1beta4, document.value, emit));
    case 'kubeadm.k8s.io/v1beta3':
      return defaultCluster(clusterToV1beta4(read(v1beta3, document.value, emit)).cluster);
    default:
      throw invalid(
        `apiVersion "${document.apiVersion}" cannot be read by this kubeadm: v1beta4 and v1beta3 can`,
      );
  }
}

function read<S extends ObjectShape>(shape: S, data: unknown, emit: Emit): Decoded<S> {
  const { problems, value } = decodeData(shape, data);
  const texts = (kind: string): readonly string[] =>
    problems
      .filter((problem) => problem.kind === kind)
      .map(({ message, path }) => `${pathText(path)}: ${message}`);
  const wrong = texts('wrong-type');
  if (wrong.length > 0) throw invalid(wrong.join('; '));
  for (const text of texts('unknown-field')) {
    emit({ type: 'warning', code: 'stored-configuration-unknown-field', message: `${source}: ${text}` });
  }
  // The value of decodeData has the types of its shape.
  return value as Decoded<S>;
}

function invalid(why: string): KubeadmError {
  return new KubeadmError('config-invalid', `${source}: ${why}`, {
    hint: 'Store it again with `kubeadm init phase upload-config kubeadm --config FILE`.',
  });
}
