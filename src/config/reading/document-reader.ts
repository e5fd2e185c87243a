/** Documents by their kind and version: which are read, which are refused, which are passed over. */
import { KubeadmError } from '../../errors.ts';
import type { ReadHost } from '../../host/host.ts';
import { pathText } from '../../lib/field-path.ts';
import type { ComponentTypes } from '../../releases/release.ts';
import type { Completions } from '../completions.ts';
import { type ComponentKind, shapeOf } from '../component/index.ts';
import { type ConfigWarning, describeFinding, type Finding } from '../findings/finding.ts';
import { report, type Warn } from '../findings/report.ts';
import { clusterToV1beta4, initToV1beta4, joinToV1beta4 } from '../v1beta3/convert.ts';
import { kinds as v1beta3 } from '../v1beta3/shapes.ts';
import type { RawCluster, RawInit, RawJoin, RawReset } from '../v1beta4/defaults.ts';
import { kinds as v1beta4 } from '../v1beta4/shapes.ts';
import type { RawUpgrade } from '../v1beta4/upgrade.ts';
import { decodeData } from './decode.ts';
import { type ConfigDocument, parseDocuments, readConfigFile } from './documents.ts';
import type { Decoded, ObjectShape, Shape } from './shape.ts';

export const group = 'kubeadm.k8s.io';

/** The last kubeadm that read an old version. */
const retired: Readonly<Record<string, string>> = {
  v1beta2: 'v1.22',
  v1beta1: 'v1.15',
  v1alpha3: 'v1.14',
  v1alpha2: 'v1.12',
  v1alpha1: 'v1.11',
};

export interface LoadOptions {
  /** Look for the runtime's socket where none is given; commands without --cri-socket do not. */
  readonly criDetection: boolean;
  /** Unknown fields, duplicate keys and unknown kinds are errors (`config validate`, `config migrate`). */
  readonly strict?: boolean;
  /** Old but readable versions are not warned of. */
  readonly allowDeprecated?: boolean;
  /** Bootstrap tokens of a run that did not end: they stand where the configuration names none. */
  readonly keptTokens?: readonly string[];
  /** What that run had completed: it stands where the same is given. */
  readonly kept?: Completions | undefined;
  /** Called with each warning as it is found; the result lists them all as well. */
  readonly onWarning?: Warn;
}

export interface Loaded<T> {
  readonly config: T;
  readonly warnings: readonly Finding[];
}

/** Reads a file's documents, or none. */
export async function readDocuments(
  host: ReadHost,
  path: string | undefined,
): Promise<readonly ConfigDocument[]> {
  return path === undefined ? [] : parseDocuments(await readConfigFile(host.files, path), path);
}

const asError = { severity: 'error' } as const;

/** What a document means, by its version. Unknown fields and the like go to `warn`, or are errors when strict. */
export function documentReader(options: LoadOptions, warn: Warn) {
  const errors: Finding[] = [];
  const readData = (document: ConfigDocument, shape: Shape): unknown => {
    const { value, problems } = decodeData(shape, document.value);
    const findings = problems.map(
      ({ kind, path, message, hint }): Finding => ({
        ...(kind === 'wrong-type' || options.strict === true ? asError : { severity: 'warning', code: kind }),
        message,
        place: {
          file: document.file,
          document: document.index,
          path: pathText(path),
          line: document.lineOf(path),
        },
        ...(hint === undefined ? {} : { hint }),
      }),
    );
    const duplicates = document.duplicates.map(
      (finding): Finding => ({
        ...finding,
        ...(options.strict === true ? asError : {}),
      }),
    );
    for (const finding of [...duplicates, ...findings]) {
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
    /** @throws KubeadmError with the errors of all documents that were read */
    finish: (file: string | undefined): void => report(errors, warn, file),
    component: (document: ConfigDocument, kind: ComponentKind, types: ComponentTypes): unknown =>
      readData(document, shapeOf(kind, types)),
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

/** @throws KubeadmError code `config-unsupported` */
export function supportedVersion(
  document: ConfigDocument,
  options: LoadOptions,
  warn: Warn,
): 'v1beta3' | 'v1beta4' {
  const version = document.apiVersion.slice(document.apiVersion.indexOf('/') + 1);
  const place = {
    file: document.file,
    document: document.index,
    path: 'apiVersion',
    line: document.lineOf(['apiVersion']),
  };
  if (version === 'v1beta4') return version;
  if (version === 'v1beta3') {
    if (options.allowDeprecated !== true) {
      warn({
        severity: 'warning',
        code: 'api-version-deprecated',
        message: `your configuration file uses a deprecated API spec: "${document.apiVersion}" (kind: "${document.kind}")`,
        place,
        hint: "use 'kubeadm config migrate --old-config old.yaml --new-config new.yaml', which writes the new version",
      });
    }
    return version;
  }
  const last = Object.hasOwn(retired, version) ? retired[version] : undefined;
  const text =
    last === undefined
      ? `no kind "${document.kind}" is known in version "${document.apiVersion}"`
      : `your configuration file uses an old API spec: "${document.apiVersion}" (kind: "${document.kind}")`;
  throw new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message: text, place }), {
    place,
    hint:
      last === undefined
        ? 'use kubeadm.k8s.io/v1beta4'
        : `use kubeadm ${last} instead and run 'kubeadm config migrate --old-config old.yaml --new-config new.yaml', which writes a newer version`,
  });
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

/** The document of that kind; undefined when there is no file. @throws KubeadmError when the file has none */
export function single(
  kind: 'JoinConfiguration' | 'ResetConfiguration' | 'UpgradeConfiguration',
  documents: readonly ConfigDocument[],
  path: string | undefined,
  warn: Warn,
): ConfigDocument | undefined {
  const found = documents.find(
    (document) => document.kind === kind && document.apiVersion.startsWith(`${group}/`),
  );
  if (found === undefined && path !== undefined) {
    throw new KubeadmError('config-invalid', `no ${kind} found in ${path}`, {
      hint: `it needs a document with "kind: ${kind}" and "apiVersion: kubeadm.k8s.io/v1beta4"`,
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
