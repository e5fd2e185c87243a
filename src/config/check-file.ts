/** Strict checks of whole files for `config validate` and `config migrate`. Source: app/util/config/common.go. */
import { KubeadmError } from '../errors.ts';
import type { ReadHost } from '../host.ts';
import { kubeadmGroup } from '../names.ts';
import { componentApis } from './component/index.ts';
import { type LoadOptions, placeIn, refuseRetired } from './document-reader.ts';
import { type ConfigWarning, describeFinding } from './findings/finding.ts';
import { loadInitFamily } from './load.ts';
import { loadJoin, loadReset, loadUpgrade } from './load-node.ts';
import type { ConfigDocument } from './reading/documents.ts';
import { report } from './report.ts';
import { withOldTimeout } from './v1beta3/convert.ts';
import { checkIgnoredChecks } from './validation/ignored-checks.ts';
import { clusterDocument, initDocument, joinDocument, resetDocument, upgradeDocument } from './write.ts';

const versions = ['v1beta3', 'v1beta4'];
const kinds = [
  'InitConfiguration',
  'ClusterConfiguration',
  'JoinConfiguration',
  'ResetConfiguration',
  'UpgradeConfiguration',
];

const nodeKinds = ['JoinConfiguration', 'ResetConfiguration', 'UpgradeConfiguration'];

export interface CheckedFile {
  /** The documents in version v1beta4, in the order of `config migrate`. */
  readonly documents: readonly unknown[];
  /** A warning for each component configuration. `documents` does not contain these, as upstream. */
  readonly leftOut: readonly ConfigWarning[];
}

export interface CheckOptions extends LoadOptions {
  /** Whether values that only a run refuses are errors. */
  readonly forRun?: boolean;
}

/**
 * Checks all documents of a file.
 *
 * @throws KubeadmError the errors of the loaders, and code `config-unsupported` for unknown kinds
 */
export async function checkDocuments(
  host: ReadHost,
  documents: readonly ConfigDocument[],
  { file, forRun = false, ...options }: CheckOptions & { readonly file: string },
): Promise<CheckedFile> {
  for (const document of documents) refuseRetired(document);
  refuseUnknown(documents);
  const strict = { ...options, strict: true };
  const has = (...names: readonly string[]): boolean => documents.some(({ kind }) => names.includes(kind));
  // Each loader gets only the documents that it reads, so that it does not warn of the others.
  const only = (kind: string) => ({ documents: documents.filter((document) => document.kind === kind) });
  const rest = { documents: documents.filter(({ kind }) => !nodeKinds.includes(kind)) };
  const result: unknown[] = [];
  let oldTimeout: number | undefined;
  if (has('InitConfiguration', 'ClusterConfiguration')) {
    const { config, timeoutForControlPlane } = await loadInitFamily(host, rest, strict);
    oldTimeout = timeoutForControlPlane;
    result.push(
      initDocument(withOldTimeout(config.init, oldTimeout, { evenDefault: true })),
      clusterDocument(config.cluster),
    );
  }
  if (has('JoinConfiguration')) {
    const { config } = await loadJoin(host, only('JoinConfiguration'), strict);
    result.push(joinDocument(withOldTimeout(config, oldTimeout, { evenDefault: true })));
  }
  if (has('ResetConfiguration')) {
    const { config } = await loadReset(host, only('ResetConfiguration'), strict);
    result.push(resetDocument(config));
  }
  if (has('UpgradeConfiguration')) {
    const { config } = await loadUpgrade(host, only('UpgradeConfiguration'), strict);
    result.push(upgradeDocument(config));
  }
  if (forRun) report(checkIgnoredChecks(documents), () => undefined, file);
  const leftOut = documents.filter(({ kind }) => kind in componentApis).map(leftOutWarning);
  return { documents: result, leftOut };
}

function leftOutWarning(document: ConfigDocument): ConfigWarning {
  return {
    severity: 'warning',
    code: 'document-not-migrated',
    message: `${document.kind} is left out of the migrated configuration; copy this document to it to keep it`,
    place: { file: document.file, document: document.index, line: document.lineOf(['kind']) },
  };
}

/** Returns the field that makes a document unknown. */
function wrongField({ apiVersion }: ConfigDocument): 'apiVersion' | 'kind' {
  const knownVersions: readonly string[] = [
    ...versions.map((version) => `${kubeadmGroup}/${version}`),
    ...Object.values(componentApis),
  ];
  return knownVersions.includes(apiVersion) ? 'kind' : 'apiVersion';
}

function refuseUnknown(documents: readonly ConfigDocument[]): void {
  const known = new Set<string>([
    ...versions.flatMap((version) => kinds.map((kind) => `${kubeadmGroup}/${version} ${kind}`)),
    ...Object.entries(componentApis).map(([kind, apiVersion]) => `${apiVersion} ${kind}`),
  ]);
  const unknown = documents.filter(({ apiVersion, kind }) => !known.has(`${apiVersion} ${kind}`));
  if (unknown.length === 0) return;
  const texts = unknown.map((document) =>
    describeFinding({
      severity: 'error',
      message: `${document.apiVersion}, Kind=${document.kind}`,
      place: placeIn(document, [wrongField(document)]),
    }),
  );
  throw new KubeadmError('config-unsupported', `unknown configuration APIs: ${texts.join('; ')}`, {
    hint: `the known kinds are ${kinds.join(', ')} of kubeadm.k8s.io/v1beta4, and ${Object.keys(componentApis).join(', ')}`,
  });
}
