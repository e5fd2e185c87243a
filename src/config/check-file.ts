/** `config validate` and `config migrate`: whole files, strictly (app/util/config/common.go). */
import { KubeadmError } from '../errors.ts';
import type { ReadHost } from '../host/ports.ts';
import { componentApis } from './component/index.ts';
import type { LoadOptions } from './document-reader.ts';
import { type ConfigDocument, parseDocuments, readConfigFile } from './documents.ts';
import { describeFinding, type Finding } from './finding.ts';
import { loadInitFamily } from './load.ts';
import { loadJoin, loadReset, loadUpgrade } from './load-node.ts';
import { joinDocuments } from './print.ts';
import { clusterDocument, initDocument, joinDocument, resetDocument, upgradeDocument } from './write.ts';

const group = 'kubeadm.k8s.io/';
const versions = ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1beta1', 'v1beta2', 'v1beta3', 'v1beta4'];
const kinds = [
  'InitConfiguration',
  'ClusterConfiguration',
  'JoinConfiguration',
  'ResetConfiguration',
  'UpgradeConfiguration',
];

interface Checked {
  /** v1beta4 documents of all that the file holds, in the order of `config migrate`. */
  readonly documents: readonly unknown[];
  readonly warnings: readonly Finding[];
}

/** @throws KubeadmError as the loaders, and code `config-unsupported` for kinds that are not known */
export async function checkConfigFile(host: ReadHost, path: string, options: LoadOptions): Promise<Checked> {
  const documents = parseDocuments(await readConfigFile(host.files, path), path);
  refuseUnknown(documents);
  const has = (...names: readonly string[]): boolean =>
    documents.some(({ kind, apiVersion }) => names.includes(kind) && apiVersion.startsWith(group));
  const strict = { ...options, strict: true };
  const result: unknown[] = [];
  const warnings: Finding[] = [];
  let oldTimeout: number | undefined;
  if (has('InitConfiguration', 'ClusterConfiguration')) {
    const loaded = await loadInitFamily(host, { documents }, strict);
    oldTimeout = loaded.timeoutForControlPlane || undefined;
    const { init, cluster } = loaded.config;
    const timeouts = {
      ...init.timeouts,
      controlPlaneComponentHealthCheck: oldTimeout ?? init.timeouts.controlPlaneComponentHealthCheck,
    };
    result.push(initDocument({ ...init, timeouts }), clusterDocument(cluster));
    warnings.push(...loaded.warnings);
  }
  if (has('JoinConfiguration')) {
    const { config, warnings: found } = await loadJoin(host, { documents }, strict);
    const timeouts = {
      ...config.timeouts,
      controlPlaneComponentHealthCheck: oldTimeout ?? config.timeouts.controlPlaneComponentHealthCheck,
    };
    result.push(joinDocument({ ...config, timeouts }));
    warnings.push(...found);
  }
  if (has('ResetConfiguration')) {
    const { config, warnings: found } = await loadReset(host, { documents }, strict);
    result.push(resetDocument(config));
    warnings.push(...found);
  }
  if (has('UpgradeConfiguration')) {
    const { config, warnings: found } = await loadUpgrade(host, { documents }, strict);
    result.push(upgradeDocument(config));
    warnings.push(...found);
  }
  return { documents: result, warnings: warnings.filter(({ message }) => !message.startsWith('ignored:')) };
}

export function migratedText({ documents }: Checked): string {
  return joinDocuments(documents);
}

function refuseUnknown(documents: readonly ConfigDocument[]): void {
  const known = new Set<string>([
    ...versions.flatMap((version) => kinds.map((kind) => `${group}${version} ${kind}`)),
    ...Object.entries(componentApis).map(([kind, apiVersion]) => `${apiVersion} ${kind}`),
  ]);
  const unknown = documents.filter(({ apiVersion, kind }) => !known.has(`${apiVersion} ${kind}`));
  if (unknown.length === 0) return;
  const texts = unknown.map((document) =>
    describeFinding({
      severity: 'error',
      message: `${document.apiVersion}, Kind=${document.kind}`,
      place: { file: document.file, document: document.index, line: document.lineOf(['kind']) },
    }),
  );
  throw new KubeadmError('config-unsupported', `unknown configuration APIs: ${texts.join('; ')}`, {
    hint: `known are ${kinds.join(', ')} of kubeadm.k8s.io/v1beta4, and ${Object.keys(componentApis).join(', ')}`,
  });
}
