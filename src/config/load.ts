/** From a file and flags to the configuration that `init` and its family work on (app/util/config). */
import { KubeadmError } from '../errors.ts';
import type { ReadHost } from '../host/host.ts';
import { releaseOf } from '../releases/index.ts';
import type { ComponentTypes, Release } from '../releases/release.ts';
import { type Completions, completionsOf, withKept } from './completions.ts';
import {
  type ComponentKind,
  complete,
  componentApis,
  defaultKubelet,
  defaultKubeProxy,
} from './component/index.ts';
import { fillCluster, fillInit } from './dynamic.ts';
import { type ConfigWarning, describeFinding } from './findings/finding.ts';
import { collector, placer, report, type Warn } from './findings/report.ts';
import type { ComponentConfig, InitConfiguration, InitFamilyConfig } from './hub.ts';
import {
  documentReader,
  group,
  ignored,
  type Loaded,
  type LoadOptions,
  readDocuments,
} from './reading/document-reader.ts';
import type { ConfigDocument } from './reading/documents.ts';
import { defaultCluster, defaultInit, type RawCluster, type RawInit } from './v1beta4/defaults.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';
import { validateInit } from './validation/index.ts';
import { tokenPattern } from './validation/values.ts';

/** Fields that flags set, laid over the defaults; only without a file. */
export interface InitOverlay {
  readonly init?: RawInit;
  readonly cluster?: RawCluster;
}

export interface LoadedInitFamily extends Loaded<InitFamilyConfig> {
  readonly timeoutForControlPlane: number | undefined;
  readonly completions: Completions;
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
): Promise<LoadedInitFamily> {
  const documents = source.documents ?? (await readDocuments(host, source.configPath));
  const { warnings, warn } = collector(options.onWarning);
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
    if (own.includes(document) || isComponent(document)) continue;
    warn(ignored(document, 'InitConfiguration, ClusterConfiguration and component configurations'));
  }
  const clusterDoc = own.find(({ kind }) => kind === 'ClusterConfiguration');
  const initDoc = own.find(({ kind }) => kind === 'InitConfiguration');
  const rawCluster = clusterDoc === undefined ? undefined : reader.cluster(clusterDoc);
  const rawInit = initDoc === undefined ? undefined : reader.init(initDoc);
  const givenCluster = rawCluster?.cluster ?? source.overlay?.cluster ?? {};
  // A label is resolved later: until then it counts as this kubeadm's own release.
  const { componentTypes } = releaseOf(givenCluster.kubernetesVersion ?? '');
  const rawKubelet = readComponent('KubeletConfiguration', documents, { reader, componentTypes });
  const rawKubeProxy = readComponent('KubeProxyConfiguration', documents, { reader, componentTypes });
  reader.finish(source.configPath);
  const timeoutForControlPlane = rawCluster?.timeoutForControlPlane;
  const staticInit = withOldTimeout(
    defaultInit(rawInit ?? source.overlay?.init ?? {}),
    timeoutForControlPlane,
  );
  checkTokens(rawInit, initDoc);
  const staticCluster = defaultCluster(givenCluster);
  const place = placer([
    [clusterDoc, Object.keys(v1beta4.ClusterConfiguration.fields)],
    [initDoc, Object.keys(v1beta4.InitConfiguration.fields)],
  ]);
  const placed: Warn = (finding) => warn(place(finding));
  const { criDetection, kept, keptTokens = [] } = options;
  const given = { init: staticInit, cluster: staticCluster };
  const again = await withKept(host, given, kept);
  const init = await fillInit(host, again.init, { criDetection, keptTokens, warn: placed });
  // Component configs take their defaults from the cluster as it was written, before its own are filled in.
  const kubelet = defaulted(rawKubelet, defaultKubelet(rawKubelet.given, staticCluster), warn);
  const kubeProxy = defaulted(
    rawKubeProxy,
    defaultKubeProxy(rawKubeProxy.given, staticCluster, init.localAPIEndpoint),
    warn,
  );
  const cluster = await fillCluster(host, again.cluster, init.localAPIEndpoint, placed);
  const release = releaseOf(cluster.kubernetesVersion);
  const config: InitFamilyConfig = {
    init,
    cluster,
    release,
    kubelet: completed(rawKubelet, kubelet, release),
    kubeProxy: completed(rawKubeProxy, kubeProxy, release),
  };
  report(validateInit(config).map(place), warn, source.configPath);
  return { config, warnings, timeoutForControlPlane, completions: completionsOf(given, config) };
}

function isFamily(kind: string): boolean {
  return kind === 'InitConfiguration' || kind === 'ClusterConfiguration';
}

/** Whether it belongs to a component that kubeadm configures, whatever its kind and version. */
function isComponent({ apiVersion }: ConfigDocument): boolean {
  return Object.values(componentApis).some((known) => groupOf(known) === groupOf(apiVersion));
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.indexOf('/'));
}

interface RawComponent {
  readonly kind: ComponentKind;
  readonly document: ConfigDocument | undefined;
  readonly given: Readonly<Record<string, unknown>>;
}

/** @throws KubeadmError code `config-unsupported` for another version or kind of the component's group */
function readComponent(
  kind: ComponentKind,
  documents: readonly ConfigDocument[],
  {
    reader,
    componentTypes,
  }: { readonly reader: ReturnType<typeof documentReader>; readonly componentTypes: ComponentTypes },
): RawComponent {
  const apiVersion = componentApis[kind];
  const document = documents.find((candidate) => groupOf(candidate.apiVersion) === groupOf(apiVersion));
  if (document === undefined) return { kind, document, given: {} };
  const place = {
    file: document.file,
    document: document.index,
    path: 'apiVersion',
    line: document.lineOf(['apiVersion']),
  };
  if (document.apiVersion !== apiVersion) {
    const message = `unsupported apiVersion "${document.apiVersion}" of ${kind}`;
    throw new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message, place }), {
      hint: `manual conversion to ${apiVersion} may be needed`,
      place,
    });
  }
  if (document.kind !== kind) {
    const message = `${document.apiVersion} has no kind "${document.kind}" that kubeadm reads`;
    throw new KubeadmError('config-unsupported', describeFinding({ severity: 'error', message, place }), {
      hint: `write "kind: ${kind}", or take the document out`,
      place,
    });
  }
  const given = reader.component(document, kind, componentTypes);
  return { kind, document, given: typeof given === 'object' && given !== null ? { ...given } : {} };
}

type Data = Readonly<Record<string, unknown>>;

/** The data with kubeadm's defaults; what the user set to another value is warned of. */
function defaulted(
  { document }: RawComponent,
  { data, findings }: { readonly data: Data; readonly findings: readonly ConfigWarning[] },
  warn: Warn,
): Data {
  const place = placer([[document, undefined]]);
  for (const finding of findings) warn(place(finding));
  return data;
}

function completed({ kind, document }: RawComponent, data: Data, release: Release): ComponentConfig {
  const full = { ...data, apiVersion: componentApis[kind], kind };
  return { data: complete(kind, full, release.componentTypes), userSupplied: document !== undefined };
}

/** A timeoutForControlPlane of v1beta3 that is neither 0 nor the default becomes the timeout of the health check. */
function withOldTimeout(init: InitConfiguration, timeout: number | undefined): InitConfiguration {
  if (timeout === undefined || timeout === 0 || timeout === 240_000) return init;
  return { ...init, timeouts: { ...init.timeouts, controlPlaneComponentHealthCheck: timeout } };
}

/** A malformed token fails in decoding, alone, as upstream; it is never shown. */
function checkTokens(init: RawInit | undefined, document: ConfigDocument | undefined): void {
  const tokens = init?.bootstrapTokens ?? [];
  const index = tokens.findIndex(({ token }) => token !== undefined && !tokenPattern.test(token));
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
