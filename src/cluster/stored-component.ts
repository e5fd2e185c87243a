/** Reads the component configurations that a cluster stores. Source: cmd/kubeadm/app/componentconfigs. */
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { componentConfigHash } from '../config/component/checksum.ts';
import {
  type ComponentKind,
  complete,
  componentApis,
  defaultKubelet,
  defaultKubeProxy,
} from '../config/component/index.ts';
import { documentReader } from '../config/document-reader.ts';
import { warnTo } from '../config/findings/warnings.ts';
import type { APIEndpoint, ClusterConfiguration, ComponentConfig } from '../config/hub.ts';
import { findComponent } from '../config/init-family.ts';
import { type ConfigDocument, parseDocuments } from '../config/reading/documents.ts';
import { locateIn } from '../config/report.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { at, isRecord } from '../lib/is-record.ts';
import { componentConfigHashAnnotation } from '../names.ts';
import type { Release } from '../releases/release.ts';

export interface ComponentSource {
  readonly cluster: ClusterConfiguration;
  readonly release: Release;
  readonly endpoint: APIEndpoint;
  readonly emit: Emit;
}

/** Returns a function that reads a component configuration, and sets kubeadm's defaults in it. */
export function componentReader({ cluster, emit, endpoint, release }: ComponentSource) {
  return (kind: ComponentKind, map: KubeObject | undefined, key: string): ComponentConfig => {
    const onWarning = warnTo(emit);
    const file = map === undefined ? '' : `ConfigMap kube-system/${map.metadata.name}, ${key}`;
    const document = map === undefined ? undefined : storedDocument(kind, map, { key, file });
    const reader = documentReader({ criDetection: false, onWarning }, onWarning);
    const given = document === undefined ? {} : reader.component(document, kind, release.componentTypes);
    reader.finish(file);
    const isKubelet = kind === 'KubeletConfiguration';
    const { data, findings } = isKubelet
      ? defaultKubelet(given, cluster)
      : defaultKubeProxy(given, cluster, endpoint);
    // A worker has no address of its own by which the address of kube-proxy could be judged.
    const place = locateIn([[document, undefined]]);
    if (isKubelet || endpoint.advertiseAddress !== '')
      for (const finding of findings) onWarning(place(finding));
    return {
      data: complete(kind, { ...data, apiVersion: componentApis[kind], kind }, release.componentTypes),
      userSupplied: map !== undefined && !isOfKubeadm(map),
    };
  };
}

/** A configuration that kubeadm made in an unsupported version is made again from the defaults. */
function storedDocument(
  kind: ComponentKind,
  map: KubeObject,
  { file, key }: { readonly file: string; readonly key: string },
): ConfigDocument | undefined {
  try {
    const found = findComponent(kind, parseDocuments(textIn(map, key), file));
    if (found !== undefined) return found;
  } catch (error) {
    const isOld = error instanceof KubeadmError && error.code === 'config-unsupported';
    if (isOld && isOfKubeadm(map)) return undefined;
    throw error;
  }
  throw unusable(map, `${key} holds no ${kind}`);
}

/** Whether kubeadm made the whole ConfigMap, and nobody has changed it since. */
function isOfKubeadm({ binaryData, data, metadata }: KubeObject): boolean {
  const hash = metadata.annotations?.[componentConfigHashAnnotation];
  return hash !== undefined && hash === componentConfigHash(texts(data), texts(binaryData));
}

function texts(data: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(isRecord(data) ? data : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

/** The text of a key. @throws KubeadmError `config-invalid` if the ConfigMap does not have the key */
export function textIn(map: KubeObject, key: string): string {
  const text = at(map, 'data', key);
  if (typeof text !== 'string') throw unusable(map, `the key ${key} is missing`);
  return text;
}

function unusable({ metadata }: KubeObject, problem: string): KubeadmError {
  return new KubeadmError('config-invalid', `ConfigMap kube-system/${metadata.name}: ${problem}`, {
    hint: 'Store it again with `kubeadm init phase upload-config all --config FILE` on a control plane.',
  });
}
