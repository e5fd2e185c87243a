/** Writes the configuration of a run as one YAML text, and reads it back. */
import type { InitFamilyConfig } from '../config/hub.ts';
import { splitDocuments } from '../config/reading/documents.ts';
import { clusterDocument, initDocument } from '../config/write.ts';
import { isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { defaultCertificatesDir } from '../names.ts';

/** Key: the kind. Value: its document. */
export type Documents = Readonly<Record<string, unknown>>;

/** The four documents with all defaults. The text is a secret, because it contains bootstrap tokens. */
export function documentsText({ cluster, init, kubeProxy, kubelet }: InitFamilyConfig): string {
  const documents = [initDocument(init), clusterDocument(cluster), kubelet.data, kubeProxy.data];
  return documents.map(toYaml).join('---\n');
}

/** @throws Error if the text is not YAML, or if a document has no kind */
export function parseDocumentsText(text: string): Documents {
  const entries = splitDocuments(text).map((part): readonly [string, unknown] => {
    const document = parseYaml(part.text);
    if (!isRecord(document) || typeof document.kind !== 'string') throw new Error('a document has no kind');
    return [document.kind, document];
  });
  return Object.fromEntries(entries);
}

/** The value at a path such as `ClusterConfiguration.networking.podSubnet`; undefined if it is not set. */
export function valueAt(documents: Documents, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), documents);
}

export function textAt(documents: Documents, path: string): string | undefined {
  const value = valueAt(documents, path);
  return typeof value === 'string' ? value : undefined;
}

export function certificatesDirOf(documents: Documents): string {
  return textAt(documents, 'ClusterConfiguration.certificatesDir') ?? defaultCertificatesDir;
}

export function etcdDataDirOf(documents: Documents): string | undefined {
  return textAt(documents, 'ClusterConfiguration.etcd.local.dataDir');
}

/** The bootstrap tokens in the order of the configuration. They are secrets. */
export function tokensOf(documents: Documents): readonly string[] {
  const tokens = valueAt(documents, 'InitConfiguration.bootstrapTokens');
  const all: readonly unknown[] = Array.isArray(tokens) ? tokens : [];
  return all.flatMap((entry) => (isRecord(entry) && typeof entry.token === 'string' ? [entry.token] : []));
}
