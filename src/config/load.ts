/** From a file and flags to the configuration that commands work on (app/util/config). */
import { KubeadmError } from '../errors.ts';
import type { ReadHost } from '../host/ports.ts';
import {
  type ComponentKind,
  complete,
  componentApis,
  defaultKubelet,
  defaultKubeProxy,
  shapeOf,
} from './component/index.ts';
import { decodeData, pathText } from './decode.ts';
import { type ConfigDocument, parseDocuments, readConfigFile } from './documents.ts';
import { fillCluster, fillEndpoint, fillInit, fillRegistration, fillSocket, type Warn } from './dynamic.ts';
import { describeFinding, type Finding } from './finding.ts';
import type {
  ComponentConfig,
  InitConfiguration,
  InitFamilyConfig,
  JoinConfiguration,
  ResetConfiguration,
} from './hub.ts';
import type { Decoded, ObjectShape, Shape } from './shape.ts';
import { clusterToV1beta4, initToV1beta4, joinToV1beta4 } from './v1beta3/convert.ts';
import { kinds as v1beta3 } from './v1beta3/shapes.ts';
import {
  defaultCluster,
  defaultInit,
  defaultJoin,
  defaultReset,
  type RawCluster,
  type RawInit,
  type RawJoin,
  type RawReset,
} from './v1beta4/defaults.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';
import {
  defaultUpgrade,
  type RawUpgrade,
  type UpgradeConfiguration,
  validateUpgrade,
} from './v1beta4/upgrade.ts';
import { validateInit, validateJoin, validateReset } from './validate.ts';

const group = 'kubeadm.k8s.io';

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
}

export interface Loaded<T> {
  readonly config: T;
  readonly warnings: readonly Finding[];
}

/** Fields that flags set, laid over the defaults; only without a file. */
export interface InitOverlay {
  readonly init?: RawInit;
  readonly cluster?: RawCluster;
}

/** Reads a file's documents, or none. */
export async function readDocuments(
  host: ReadHost,
  path: string | undefined,
): Promise<readonly ConfigDocument[]> {
  return path === undefined ? [] : parseDocuments(await readConfigFile(host.files, path), path);
}

/**
 * Init, Cluster and component configurations of `init` and the commands of its family.
 *
 * @throws KubeadmError codes `config-unreadable`, `config-unsupported`, `config-invalid` (details.findings: all of them)
 */
export async function loadInitFamily(
  host: ReadHost,
  source: {
    readonly configPath?: string;
    readonly documents?: readonly ConfigDocument[];
    readonly overlay?: InitOverlay;
  },
  options: LoadOptions,
): Promise<Loaded<InitFamilyConfig> & { readonly timeoutForControlPlane: number | undefined }> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector();
  const reader = documentReader(options, warn);
  const own = documents.filter(
    ({ kind, apiVersion }) => isFamily(kind) && apiVersion.startsWith(`${group}/`),
  );
  if (source.configPath !== undefined && own.length === 0) {
    throw new KubeadmError(
      'config-invalid',
      `no InitConfiguration or ClusterConfiguration kind was found in ${source.configPath}`,
      {
        hint: 'it needs a document of one of these kinds, of kubeadm.k8s.io/v1beta4',
        place: { file: source.configPath },
      },
    );
  }
  for (const document of documents) {
    if (own.includes(document) || document.kind in componentApis) continue;
    warn(ignored(document, 'InitConfiguration and ClusterConfiguration'));
  }
  const clusterDoc = own.find(({ kind }) => kind === 'ClusterConfiguration');
  const initDoc = own.find(({ kind }) => kind === 'InitConfiguration');
  const rawCluster = clusterDoc === undefined ? undefined : reader.cluster(clusterDoc);
  const rawInit = initDoc === undefined ? undefined : reader.init(initDoc);
  const timeoutForControlPlane = rawCluster?.timeoutForControlPlane;
  const staticInit = withOldTimeout(
    defaultInit(rawInit ?? source.overlay?.init ?? {}),
    timeoutForControlPlane,
  );
  checkTokens(staticInit, initDoc);
  const staticCluster = defaultCluster(rawCluster?.cluster ?? source.overlay?.cluster ?? {});
  const place = placer([
    [clusterDoc, Object.keys(v1beta4.ClusterConfiguration.fields)],
    [initDoc, Object.keys(v1beta4.InitConfiguration.fields)],
  ]);
  const placed: Warn = (finding) => warn(place(finding));
  const init = await fillInit(host, staticInit, { criDetection: options.criDetection, warn: placed });
  // Component configs take their defaults from the cluster as it was written, before its own are filled in.
  const kubelet = loadComponent(
    'KubeletConfiguration',
    documents,
    reader,
    (data) => defaultKubelet(data, staticCluster),
    warn,
  );
  const kubeProxy = loadComponent(
    'KubeProxyConfiguration',
    documents,
    reader,
    (data) => defaultKubeProxy(data, staticCluster, init.localAPIEndpoint),
    warn,
  );
  const cluster = await fillCluster(host, staticCluster, init.localAPIEndpoint, placed);
  const config: InitFamilyConfig = { init, cluster, kubelet, kubeProxy };
  report(validateInit(config).map(place), warn, source.configPath);
  return { config, warnings, timeoutForControlPlane };
}

/** @throws as `loadInitFamily` */
export async function loadReset(
  host: ReadHost,
  source: {
    readonly configPath?: string;
    readonly documents?: readonly ConfigDocument[];
    readonly overlay?: RawReset;
  },
  options: LoadOptions,
): Promise<Loaded<ResetConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector();
  const document = single('ResetConfiguration', documents, source.configPath, warn);
  const raw = document === undefined ? (source.overlay ?? {}) : documentReader(options, warn).reset(document);
  const place = placer([[document, Object.keys(v1beta4.ResetConfiguration.fields)]]);
  const fixed = defaultReset(raw);
  const criSocket = await fillSocket(host, fixed.criSocket, {
    ...options,
    warn: (finding) => warn(place(finding)),
  });
  const config = { ...fixed, criSocket };
  report(validateReset(config).map(place), warn, source.configPath);
  return { config, warnings };
}

/** @throws as `loadInitFamily` */
export async function loadJoin(
  host: ReadHost,
  source: { readonly configPath?: string; readonly documents?: readonly ConfigDocument[] },
  options: LoadOptions,
): Promise<Loaded<JoinConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector();
  const document = single('JoinConfiguration', documents, source.configPath, warn);
  const place = placer([[document, Object.keys(v1beta4.JoinConfiguration.fields)]]);
  const fixed = defaultJoin(document === undefined ? {} : documentReader(options, warn).join(document));
  const placed: Warn = (finding) => warn(place(finding));
  const controlPlane = fixed.controlPlane;
  const nodeRegistration = await fillRegistration(host, fixed.nodeRegistration, {
    criDetection: options.criDetection,
    controlPlane: controlPlane !== undefined,
    warn: placed,
  });
  const config: JoinConfiguration = {
    ...fixed,
    nodeRegistration,
    ...(controlPlane === undefined
      ? {}
      : {
          controlPlane: {
            ...controlPlane,
            localAPIEndpoint: await fillEndpoint(host, controlPlane.localAPIEndpoint, placed),
          },
        }),
  };
  report(validateJoin(config).map(place), warn, source.configPath);
  return { config, warnings };
}

/** @throws as `loadInitFamily` */
export async function loadUpgrade(
  host: ReadHost,
  source: { readonly configPath?: string; readonly documents?: readonly ConfigDocument[] },
  options: LoadOptions,
): Promise<Loaded<UpgradeConfiguration>> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector();
  const document = single('UpgradeConfiguration', documents, source.configPath, warn);
  const place = placer([[document, Object.keys(v1beta4.UpgradeConfiguration.fields)]]);
  const config = defaultUpgrade(
    document === undefined ? {} : documentReader(options, warn).upgrade(document),
  );
  report(validateUpgrade(config).map(place), warn, source.configPath);
  return { config, warnings };
}

/** What a document means, by its version. Unknown fields and the like go to `warn`, or are errors when strict. */
function documentReader(options: LoadOptions, warn: Warn) {
  const readData = (document: ConfigDocument, shape: Shape): unknown => {
    const { value, problems } = decodeData(shape, document.value);
    const findings = problems.map(
      ({ kind, path, message, hint }): Finding => ({
        severity: kind === 'wrong-type' || options.strict === true ? 'error' : 'warning',
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
        severity: options.strict === true ? 'error' : 'warning',
      }),
    );
    report([...duplicates, ...findings], warn, document.file);
    return value;
  };
  const read = <S extends ObjectShape>(document: ConfigDocument, shape: S): Decoded<S> =>
    readData(document, shape) as Decoded<S>;
  const version = (document: ConfigDocument): 'v1beta3' | 'v1beta4' =>
    supportedVersion(document, options, warn);
  return {
    component: (document: ConfigDocument, kind: ComponentKind): unknown => readData(document, shapeOf(kind)),
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

function isFamily(kind: string): boolean {
  return kind === 'InitConfiguration' || kind === 'ClusterConfiguration';
}

function single(
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

function ignored(document: ConfigDocument, wanted: string): Finding {
  return {
    severity: 'warning',
    message: `ignored: ${document.apiVersion}, Kind=${document.kind}; only ${wanted} is read here`,
    place: { file: document.file, document: document.index, line: document.lineOf(['kind']) },
  };
}

function loadComponent(
  kind: ComponentKind,
  documents: readonly ConfigDocument[],
  reader: ReturnType<typeof documentReader>,
  defaults: (data: Readonly<Record<string, unknown>>) => {
    readonly data: Readonly<Record<string, unknown>>;
    readonly findings: readonly Finding[];
  },
  warn: Warn,
): ComponentConfig {
  const apiVersion = componentApis[kind];
  const document = documents.find((candidate) => candidate.kind === kind);
  if (document !== undefined && document.apiVersion !== apiVersion) {
    throw new KubeadmError(
      'config-unsupported',
      `unsupported apiVersion ${document.apiVersion} of ${kind}, manual conversion to ${apiVersion} may be needed`,
      { place: { file: document.file, document: document.index, line: document.lineOf(['apiVersion']) } },
    );
  }
  const given = document === undefined ? {} : reader.component(document, kind);
  const { data, findings } = defaults(typeof given === 'object' && given !== null ? { ...given } : {});
  const place = placer([[document, undefined]]);
  for (const finding of findings) warn(place(finding));
  return {
    data: complete(kind, { ...data, apiVersion, kind }),
    userSupplied: document !== undefined,
  };
}

/** v1beta3's timeoutForControlPlane, where it is neither 0 nor the default, is the health check's timeout. */
function withOldTimeout(init: InitConfiguration, timeout: number | undefined): InitConfiguration {
  if (timeout === undefined || timeout === 0 || timeout === 240_000) return init;
  return { ...init, timeouts: { ...init.timeouts, controlPlaneComponentHealthCheck: timeout } };
}

/** A malformed token fails in decoding, alone, as upstream; it is never shown. */
function checkTokens(init: InitConfiguration, document: ConfigDocument | undefined): void {
  const index = init.bootstrapTokens.findIndex(
    ({ token }) => token !== '' && !/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token),
  );
  if (index === -1 || document === undefined) return;
  const place = {
    file: document.file,
    document: document.index,
    path: `bootstrapTokens[${index}].token`,
    line: document.lineOf(['bootstrapTokens', index, 'token']),
  };
  const message = 'the bootstrap token is not of the form [a-z0-9]{6}.[a-z0-9]{16}';
  throw new KubeadmError('config-invalid', describeFinding({ severity: 'error', message, place }), {
    place,
    hint: "'kubeadm token generate' makes one",
  });
}

/** Adds file, document and line to findings that know only their path. */
function placer(
  documents: readonly (readonly [ConfigDocument | undefined, readonly string[] | undefined])[],
): (finding: Finding) => Finding {
  return (finding) => {
    const steps = (finding.place.path ?? '')
      .split(/[.[\]]+/)
      .filter((step) => step !== '')
      .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    const [document] =
      documents.find(([, fields]) => fields === undefined || fields.includes(String(steps[0] ?? ''))) ?? [];
    if (document === undefined) return finding;
    return {
      ...finding,
      place: {
        ...finding.place,
        file: document.file,
        document: document.index,
        line: document.lineOf(steps),
      },
    };
  };
}

function collector(): { readonly warnings: Finding[]; readonly warn: Warn } {
  const warnings: Finding[] = [];
  return { warnings, warn: (finding) => void warnings.push(finding) };
}

/** Warnings go on; errors end it, all of them in one message. */
function report(findings: readonly Finding[], warn: Warn, file: string | undefined): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  for (const finding of findings) if (finding.severity === 'warning') warn(finding);
  if (errors.length === 0) return;
  const lines = [...new Set(errors.map((finding) => describeFinding(finding)))];
  const what = file === undefined ? 'the flags' : file;
  const message =
    lines.length === 1 ? (lines[0] ?? '') : `${lines.length} problems with ${what}:\n  ${lines.join('\n  ')}`;
  throw new KubeadmError('config-invalid', message, {
    details: { findings: errors },
    ...(errors[0] === undefined ? {} : { place: errors[0].place }),
  });
}
