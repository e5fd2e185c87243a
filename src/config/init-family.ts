/** The documents that `init` and the other commands with an InitConfiguration read, and those that they ignore. */
import { KubeadmError } from '../errors.ts';
import type { ComponentTypes } from '../releases/release.ts';
import { type ComponentKind, componentApis } from './component/index.ts';
import { type DocumentReader, groupOf, ignored, placeIn, refuseRetired } from './document-reader.ts';
import { describeFinding } from './findings/finding.ts';
import type { ConfigDocument } from './reading/documents.ts';
import type { Warn } from './report.ts';
import type { RawCluster, RawInit } from './v1beta4/defaults.ts';
import { tokenPattern } from './validation/values.ts';

export interface InitFamilyDocuments {
  readonly init: ConfigDocument | undefined;
  readonly cluster: ConfigDocument | undefined;
  readonly kubelet: ConfigDocument | undefined;
  readonly kubeProxy: ConfigDocument | undefined;
}

/** The documents without defaults. A field is undefined if the file has no such document. */
export interface RawInitFamily {
  readonly init?: RawInit;
  readonly cluster?: RawCluster;
  /** Milliseconds. Only v1beta3 has this field. */
  readonly timeoutForControlPlane?: number;
  readonly kubelet: RawComponent;
  readonly kubeProxy: RawComponent;
}

export interface RawComponent {
  readonly document: ConfigDocument | undefined;
  readonly given: Readonly<Record<string, unknown>>;
}

/**
 * Finds the documents to read, and warns of all others.
 *
 * @throws KubeadmError code `config-unsupported` for a kubeadm kind in a version that kubeadm no longer reads, and for
 *   another version or kind of a component's group; `config-invalid` if the file has neither InitConfiguration nor
 *   ClusterConfiguration
 */
export function findInitFamily(
  documents: readonly ConfigDocument[],
  configPath: string | undefined,
  warn: Warn,
): InitFamilyDocuments {
  for (const document of documents) refuseRetired(document);
  const documentOf = (kind: string): ConfigDocument | undefined =>
    documents.find((document) => document.kind === kind);
  const selected: InitFamilyDocuments = {
    init: documentOf('InitConfiguration'),
    cluster: documentOf('ClusterConfiguration'),
    kubelet: findComponent('KubeletConfiguration', documents),
    kubeProxy: findComponent('KubeProxyConfiguration', documents),
  };
  if (configPath !== undefined && selected.init === undefined && selected.cluster === undefined) {
    throw new KubeadmError(
      'config-invalid',
      `no InitConfiguration or ClusterConfiguration kind was found in ${configPath}`,
      {
        hint: 'add a document of one of these kinds with "apiVersion: kubeadm.k8s.io/v1beta4"',
        place: { file: configPath },
      },
    );
  }
  const read = new Set(Object.values(selected));
  for (const document of documents) {
    if (read.has(document)) continue;
    warn(ignored(document, 'InitConfiguration, ClusterConfiguration and component configurations'));
  }
  return selected;
}

/**
 * Reads the documents in the order of the file.
 *
 * @param types the types of component configurations in the release
 * @throws KubeadmError code `config-unsupported`
 */
export function readInitFamily(
  selected: InitFamilyDocuments,
  reader: DocumentReader,
  types: ComponentTypes,
): RawInitFamily {
  let family: RawInitFamily = {
    kubelet: { document: undefined, given: {} },
    kubeProxy: { document: undefined, given: {} },
  };
  const inOrder = Object.values(selected).filter((document) => document !== undefined);
  for (const document of inOrder.toSorted((a, b) => a.index - b.index)) {
    if (document === selected.init) family = { ...family, init: reader.init(document) };
    else if (document === selected.cluster) family = { ...family, ...reader.cluster(document) };
    else if (document === selected.kubelet) {
      family = {
        ...family,
        kubelet: { document, given: reader.component(document, 'KubeletConfiguration', types) },
      };
    } else {
      const given = reader.component(document, 'KubeProxyConfiguration', types);
      family = { ...family, kubeProxy: { document, given } };
    }
  }
  return family;
}

/**
 * Finds the document of a component by its API group.
 *
 * @throws KubeadmError code `config-unsupported` for another version or kind of the group
 */
export function findComponent(
  kind: ComponentKind,
  documents: readonly ConfigDocument[],
): ConfigDocument | undefined {
  const apiVersion = componentApis[kind];
  const document = documents.find((candidate) => groupOf(candidate.apiVersion) === groupOf(apiVersion));
  if (document === undefined) return undefined;
  const place = placeIn(document, ['apiVersion']);
  const refuse = (message: string, hint: string): KubeadmError =>
    new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message, place }), {
      hint,
      place,
    });
  if (document.apiVersion !== apiVersion) {
    throw refuse(
      `unsupported apiVersion "${document.apiVersion}" of ${kind}`,
      `manual conversion to ${apiVersion} may be needed`,
    );
  }
  if (document.kind !== kind) {
    throw refuse(
      `${document.apiVersion} has no kind "${document.kind}" that kubeadm reads`,
      `write "kind: ${kind}", or remove the document`,
    );
  }
  return document;
}

/**
 * Refuses a malformed token before all other checks, as upstream.
 *
 * @throws KubeadmError `config-invalid`; the message does not contain the token
 */
export function checkTokens(init: RawInit | undefined, document: ConfigDocument | undefined): void {
  const tokens = init?.bootstrapTokens ?? [];
  const index = tokens.findIndex(({ token }) => token !== undefined && !tokenPattern.test(token));
  if (index === -1 || document === undefined) return;
  const place = placeIn(document, ['bootstrapTokens', index, 'token']);
  const message = 'the bootstrap token is not of the form [a-z0-9]{6}.[a-z0-9]{16}';
  throw new KubeadmError('config-invalid', describeFinding({ severity: 'error', message, place }), {
    place,
    hint: "'kubeadm token generate' makes one",
  });
}
