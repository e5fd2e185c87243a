/** Loads the configuration of `init` and similar commands from a file or flags. Source: app/util/config. */
import type { ReadHost } from '../host.ts';
import { at } from '../lib/is-record.ts';
import { releaseOf } from '../releases/index.ts';
import { type Completions, completionsOf, withKept } from './completions.ts';
import {
  type ComponentKind,
  complete,
  componentApis,
  defaultKubelet,
  defaultKubeProxy,
} from './component/index.ts';
import { documentReader, type Loaded, type LoadOptions, readDocuments } from './document-reader.ts';
import { fillCluster, fillInit } from './dynamic.ts';
import type { ConfigWarning } from './findings/finding.ts';
import type { ClusterConfiguration, ComponentConfig, InitConfiguration, InitFamilyConfig } from './hub.ts';
import {
  checkTokens,
  findInitFamily,
  type InitFamilyDocuments,
  type RawComponent,
  type RawInitFamily,
  readInitFamily,
} from './init-family.ts';
import type { ConfigDocument } from './reading/documents.ts';
import { collector, type Locate, located, locateIn, report, type Warn } from './report.ts';
import { withOldTimeout } from './v1beta3/convert.ts';
import { defaultCluster, defaultInit, type RawCluster, type RawInit } from './v1beta4/defaults.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';
import { validateInit } from './validation/index.ts';

/** The fields that flags set. They override the defaults, and apply only without a file. */
export interface InitOverlay {
  readonly init?: RawInit;
  readonly cluster?: RawCluster;
}

export interface LoadedInitFamily extends Loaded<InitFamilyConfig> {
  readonly timeoutForControlPlane: number | undefined;
  readonly completions: Completions;
  /** Adds the place in the file to a later finding about the configuration. */
  readonly locate: Locate;
}

/**
 * Loads InitConfiguration, ClusterConfiguration and the component configurations.
 *
 * @throws KubeadmError codes `config-unreadable`, `config-unsupported`, and `config-invalid` with all findings in
 *   `details.findings`
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
  const selected = findInitFamily(documents, source.configPath, warn);
  const reader = documentReader(options, warn);
  const { componentTypes } = releaseOf(
    versionIn(selected.cluster) ?? source.overlay?.cluster?.kubernetesVersion ?? '',
  );
  const raw = readInitFamily(selected, reader, componentTypes);
  reader.finish(source.configPath);
  checkTokens(raw.init, selected.init);
  const given = withDefaults(raw, source.overlay);
  const place = locateInFamily(selected);
  const config = await located(place, () => fill(host, { given, raw, options, warn, place }));
  report(validateInit(config).map(place), warn, source.configPath);
  const { timeoutForControlPlane } = raw;
  return {
    config,
    warnings,
    timeoutForControlPlane,
    completions: completionsOf(given, config),
    locate: place,
  };
}

/** Returns the version of the document. A label is resolved later, and until then counts as the release of this kubeadm. */
function versionIn(cluster: ConfigDocument | undefined): string | undefined {
  const version: unknown = at(cluster?.value, 'kubernetesVersion');
  return typeof version === 'string' ? version : undefined;
}

/** The configuration before it gets values from the machine, the network and the random source. */
interface Given {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
}

function withDefaults(raw: RawInitFamily, overlay: InitOverlay = {}): Given {
  const init = defaultInit(raw.init ?? overlay.init ?? {});
  return {
    init: withOldTimeout(init, raw.timeoutForControlPlane, { evenDefault: false }),
    cluster: defaultCluster(raw.cluster ?? overlay.cluster ?? {}),
  };
}

function locateInFamily({ init, cluster }: InitFamilyDocuments): Locate {
  return locateIn([
    [cluster, Object.keys(v1beta4.ClusterConfiguration.fields)],
    [init, Object.keys(v1beta4.InitConfiguration.fields)],
  ]);
}

interface Filling {
  readonly given: Given;
  readonly raw: RawInitFamily;
  readonly options: LoadOptions;
  readonly warn: Warn;
  readonly place: Locate;
}

async function fill(
  host: ReadHost,
  { given, raw, options, warn, place }: Filling,
): Promise<InitFamilyConfig> {
  const placed: Warn = (finding) => warn(place(finding));
  const { criDetection, kept, keptTokens = [] } = options;
  const again = await withKept(host, given, kept);
  const init = await fillInit(host, again.init, { criDetection, keptTokens, warn: placed });
  // The defaults of component configurations depend on the ClusterConfiguration before it has dynamic values.
  const kubelet = defaultKubelet(raw.kubelet.given, given.cluster);
  const kubeProxy = defaultKubeProxy(raw.kubeProxy.given, given.cluster, init.localAPIEndpoint);
  warnOfComponent(raw.kubelet, kubelet.findings, warn);
  warnOfComponent(raw.kubeProxy, kubeProxy.findings, warn);
  const cluster = await fillCluster(host, again.cluster, {
    bindPort: init.localAPIEndpoint.bindPort,
    warn: placed,
  });
  const release = releaseOf(cluster.kubernetesVersion);
  const completed = (kind: ComponentKind, { document }: RawComponent, data: Data): ComponentConfig => ({
    data: complete(kind, { ...data, apiVersion: componentApis[kind], kind }, release.componentTypes),
    userSupplied: document !== undefined,
  });
  return {
    init,
    cluster,
    release,
    kubelet: completed('KubeletConfiguration', raw.kubelet, kubelet.data),
    kubeProxy: completed('KubeProxyConfiguration', raw.kubeProxy, kubeProxy.data),
  };
}

type Data = Readonly<Record<string, unknown>>;

function warnOfComponent({ document }: RawComponent, findings: readonly ConfigWarning[], warn: Warn): void {
  const place = locateIn([[document, undefined]]);
  for (const finding of findings) warn(place(finding));
}
