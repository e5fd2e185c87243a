/** Reads documents by their kind and version. It refuses some kinds and versions, and ignores others with a warning. */
import { KubeadmError, type Place } from '../errors.ts';
import type { ReadHost } from '../host.ts';
import { defined } from '../lib/defined.ts';
import { pathText } from '../lib/field-path.ts';
import { isRecord } from '../lib/is-record.ts';
import { kubeadmGroup } from '../names.ts';
import type { ComponentTypes } from '../releases/release.ts';
import type { Completions } from './completions.ts';
import { type ComponentKind, shapeOf } from './component/index.ts';
import { type ConfigWarning, describeFinding, type Finding } from './findings/finding.ts';
import { type DecodeProblem, decodeData } from './reading/decode.ts';
import { type ConfigDocument, parseDocuments, readConfigFile } from './reading/documents.ts';
import type { Decoded, ObjectShape, Shape } from './reading/shape.ts';
import { report, type Warn } from './report.ts';
import { clusterToV1beta4, initToV1beta4, joinToV1beta4 } from './v1beta3/convert.ts';
import { kinds as v1beta3 } from './v1beta3/shapes.ts';
import type { RawCluster, RawInit, RawJoin, RawReset } from './v1beta4/defaults.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';
import type { RawUpgrade } from './v1beta4/upgrade.ts';

/** The last kubeadm release that reads an old version of the API. */
const retired: Readonly<Record<string, string>> = {
  v1beta2: 'v1.22',
  v1beta1: 'v1.15',
  v1alpha3: 'v1.14',
  v1alpha2: 'v1.12',
  v1alpha1: 'v1.11',
};

export interface LoadOptions {
  /** Whether to search for the runtime's socket if none is set. Commands without --cri-socket do not search. */
  readonly criDetection: boolean;
  /** Whether unknown fields and duplicate keys are errors, as in `config validate` and `config migrate`. */
  readonly strict?: boolean;
  /** Whether to omit the warning for old versions that can be read. */
  readonly allowDeprecated?: boolean;
  /** Bootstrap tokens of a run that did not end. They are used if the configuration has no tokens. */
  readonly keptTokens?: readonly string[];
  /** Values that kubeadm chose in an earlier try of this run. They are used again if the configuration did not change. */
  readonly kept?: Completions | undefined;
  /** Called with each warning when it is found. The result also lists all warnings. */
  readonly onWarning?: Warn;
}

export interface Loaded<T> {
  readonly config: T;
  readonly warnings: readonly Finding[];
}

/** Reads the documents of a file. Returns no documents if no file is given. */
export async function readDocuments(
  host: ReadHost,
  path: string | undefined,
): Promise<readonly ConfigDocument[]> {
  return path === undefined ? [] : parseDocuments(await readConfigFile(host.files, path), path);
}

const asError = { severity: 'error' } as const;

export type DocumentReader = ReturnType<typeof documentReader>;

export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
}

export function placeIn(document: ConfigDocument, path: readonly (string | number)[]): Place {
  return { file: document.file, document: document.index, path: pathText(path), line: document.lineOf(path) };
}

/** Reads documents by their version. Unknown fields and duplicate keys go to `warn`, or are errors if `strict` is set. */
export function documentReader(options: LoadOptions, warn: Warn) {
  const errors: Finding[] = [];
  const readData = (document: ConfigDocument, shape: Shape): unknown => {
    const { value, problems } = decodeData(shape, document.value, document.sourceOf);
    for (const finding of findingsOf(document, problems, options)) {
      if (finding.severity === 'error') errors.push(finding);
      else warn(finding);
    }
    return value;
  };
  const read = <S extends ObjectShape>(document: ConfigDocument, shape: S): Decoded<S> =>
    readData(document, shape) as Decoded<S>;
  const version = (document: ConfigDocument): 'v1beta3' | 'v1beta4' =>
    supportedVersion(document, options, warn);
  return {
    /** @throws KubeadmError with the errors of all documents that it has read */
    finish: (file: string | undefined): void => report(errors, warn, file),
    component: (
      document: ConfigDocument,
      kind: ComponentKind,
      types: ComponentTypes,
    ): Readonly<Record<string, unknown>> => {
      const value = readData(document, shapeOf(kind, types));
      return isRecord(value) ? value : {};
    },
    init: (document: ConfigDocument): RawInit =>
      version(document) === 'v1beta4'
        ? read(document, v1beta4.InitConfiguration)
        : initToV1beta4(read(document, v1beta3.InitConfiguration)),
    cluster: (
      document: ConfigDocument,
    ): { readonly cluster: RawCluster; readonly timeoutForControlPlane?: number } =>
      version(document) === 'v1beta4'
        ? { cluster: read(document, v1beta4.ClusterConfiguration) }
        : clusterToV1beta4(read(document, v1beta3.ClusterConfiguration)),
    join: (document: ConfigDocument): RawJoin =>
      version(document) === 'v1beta4'
        ? read(document, v1beta4.JoinConfiguration)
        : joinToV1beta4(read(document, v1beta3.JoinConfiguration)),
    upgrade: (document: ConfigDocument): RawUpgrade => {
      onlyV1beta4(document, version(document));
      return read(document, v1beta4.UpgradeConfiguration);
    },
    reset: (document: ConfigDocument): RawReset => {
      onlyV1beta4(document, version(document));
      return read(document, v1beta4.ResetConfiguration);
    },
  };
}

function findingsOf(
  document: ConfigDocument,
  problems: readonly DecodeProblem[],
  { strict = false }: Pick<LoadOptions, 'strict'>,
): readonly Finding[] {
  const duplicates = document.duplicates.map(
    (finding): Finding =>
      strict
        ? { ...finding, ...asError, message: finding.message.replace(/; the last one counts$/, '') }
        : finding,
  );
  const others = problems.map(
    ({ kind, path, message, hint }): Finding => ({
      ...(kind === 'wrong-type' || strict ? asError : { severity: 'warning', code: kind }),
      message,
      place: placeIn(document, path),
      ...defined({ hint }),
    }),
  );
  return [...duplicates, ...others];
}

const migrate = "'kubeadm config migrate --old-config old.yaml --new-config new.yaml'";

/** @throws KubeadmError code `config-unsupported` */
function supportedVersion(document: ConfigDocument, options: LoadOptions, warn: Warn): 'v1beta3' | 'v1beta4' {
  refuseRetired(document);
  const version = groupOf(document.apiVersion) === kubeadmGroup ? versionOf(document) : undefined;
  if (version === 'v1beta4') return version;
  const place = placeIn(document, ['apiVersion']);
  if (version === 'v1beta3') {
    if (options.allowDeprecated !== true) {
      warn({
        severity: 'warning',
        code: 'api-version-deprecated',
        message: `your configuration file uses a deprecated API spec: "${document.apiVersion}" (kind: "${document.kind}")`,
        place,
        hint: `use ${migrate}, which writes the new version`,
      });
    }
    return version;
  }
  const message = `no kind "${document.kind}" is known in version "${document.apiVersion}"`;
  throw new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message, place }), {
    place,
    hint: 'use kubeadm.k8s.io/v1beta4',
  });
}

/** @throws KubeadmError code `config-unsupported` for a kubeadm kind in a version that kubeadm no longer reads */
export function refuseRetired(document: ConfigDocument): void {
  const version = versionOf(document);
  const last = Object.hasOwn(retired, version) ? retired[version] : undefined;
  if (groupOf(document.apiVersion) !== kubeadmGroup || last === undefined) return;
  const place = placeIn(document, ['apiVersion']);
  const message = `your configuration file uses an old API spec: "${document.apiVersion}" (kind: "${document.kind}")`;
  throw new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message, place }), {
    place,
    hint: `use kubeadm ${last} instead and run ${migrate}, which writes a newer version`,
  });
}

function versionOf({ apiVersion }: ConfigDocument): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

function onlyV1beta4(document: ConfigDocument, version: 'v1beta3' | 'v1beta4'): void {
  if (version === 'v1beta4') return;
  throw new KubeadmError(
    'config-unsupported',
    `no kind "${document.kind}" is known in version "${document.apiVersion}"`,
    {
      hint: 'use kubeadm.k8s.io/v1beta4',
      place: { file: document.file, document: document.index, line: document.lineOf(['apiVersion']) },
    },
  );
}

/** Returns the document of that kind, or undefined without a file. @throws KubeadmError if the file has no such document */
export function single(
  kind: 'JoinConfiguration' | 'ResetConfiguration' | 'UpgradeConfiguration',
  documents: readonly ConfigDocument[],
  { path, warn }: { readonly path: string | undefined; readonly warn: Warn },
): ConfigDocument | undefined {
  const found = documents.find(
    (document) => document.kind === kind && document.apiVersion.startsWith(`${kubeadmGroup}/`),
  );
  if (found === undefined && path !== undefined) {
    throw new KubeadmError('config-invalid', `no ${kind} found in ${path}`, {
      hint: `add a document with "kind: ${kind}" and "apiVersion: kubeadm.k8s.io/v1beta4"`,
      place: { file: path },
    });
  }
  for (const document of documents) if (document !== found) warn(ignored(document, kind));
  return found;
}

export function ignored(document: ConfigDocument, wanted: string): ConfigWarning {
  return {
    severity: 'warning',
    code: 'document-ignored',
    message: `ignored: ${document.apiVersion}, Kind=${document.kind}; read here: ${wanted}`,
    place: { file: document.file, document: document.index, line: document.lineOf(['kind']) },
  };
}
