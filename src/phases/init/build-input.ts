/** Builds the input of `init` from request and configuration, and refuses invalid ones. */
import { checkBindAddress } from '../../config/advertise-address.ts';
import type { Completions } from '../../config/completions.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import { featureEnabled, type InitFamilyConfig } from '../../config/hub.ts';
import { loadInitFamily } from '../../config/load.ts';
import { randomToken } from '../../config/random-token.ts';
import { located } from '../../config/report.ts';
import { KubeadmError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { openDryRun } from '../../host/dry-run/directory.ts';
import type { Host } from '../../host.ts';
import { checkExternalKubeconfigs } from '../../kubeconfig/external-ca.ts';
import { kubeconfigs } from '../../kubeconfig/table.ts';
import { isResolvedActive, withResolvConf } from '../../kubelet/configuration.ts';
import { adminConf, kubernetesDir } from '../../names.ts';
import { checkExternalAuthority } from '../../pki/external-ca.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { documentsText, tokensOf } from '../../run-record/documents.ts';
import { documentsOf, type InitRecord } from '../../run-record/record.ts';
import { configSource } from '../config-source.ts';
import { nodePaths } from '../node-paths.ts';
import { readPatches } from '../read-patches.ts';
import type { BuildContext, Built } from '../run-workflow.ts';
import { nothingTakenUp, refuseBeside, reportTakenUp, takeUp } from '../take-up.ts';
import type { InitInput, InitOptions } from './input.ts';
import type { InitRequest } from './request.ts';
import { refuseOtherSettings } from './take-up.ts';

/**
 * With `only`, the configuration's skipPhases has no effect, as upstream.
 *
 * @throws KubeadmError as `loadInitFamily`; `usage`, `unfinished-run`, `certificate-invalid`, `kubeconfig-invalid`,
 *   `patch-invalid`; the signal's reason, before it opens the directory of a dry run
 */
export async function buildInit(
  realHost: Host,
  request: InitRequest,
  { emit, signal, single }: BuildContext,
): Promise<Built<InitInput>> {
  const startTime = realHost.clock.now();
  const given: Given = { host: realHost, emit, request, isWhole: single === undefined };
  const taken = given.isWhole ? await takeUp(realHost, 'init', emit) : nothingTakenUp;
  const { config, completions } = await load(given, taken.unfinished);
  const isReal = !(request.dryRun ?? config.init.dryRun);
  refuseBeside(taken, { isReal, emit });
  // A name that is refused must not leave a dry-run directory behind.
  const ignorePreflightErrors = ignoredChecks([
    ...(request.ignorePreflightErrors ?? []),
    ...config.init.nodeRegistration.ignorePreflightErrors,
  ]);
  const kubeconfigDir = request.kubeconfigDir ?? kubernetesDir;
  const { certificatesDir } = config.cluster;
  const paths = nodePaths({ certificatesDir, kubeconfigDir });
  // The build of an interrupted run goes on until here, and must not write.
  signal.throwIfAborted();
  const dryRun = isReal ? undefined : await openDryRun(realHost, { command: 'init', paths, emit });
  const host = dryRun?.host(emit) ?? realHost;
  const external = await externalAuthorities({ ...given, host }, config, kubeconfigDir);
  refuseUploadOfExternal(request.uploadCerts ?? false, external);
  const skip = skippedPhases(given, config);
  const { unfinished } = taken;
  const options = optionsOf(given, { config, unfinished, ignorePreflightErrors });
  // Of the configuration as it was given: phases that are skipped and the state of services may change between tries.
  const documents = documentsText(config);
  const input: InitInput = {
    ...withDisabledAddons(config, skip),
    kubelet: await withResolvedDns(given, config, host),
    startTime,
    patches: undefined,
    externalCA: external.ca,
    externalFrontProxyCA: external.frontProxy,
    options,
    toRecord: { documents, completions },
    unfinished,
    paths: { kubeconfigDir, kubeconfig: request.kubeconfig ?? `${kubernetesDir}/${adminConf}` },
  };
  if (unfinished !== undefined) {
    await refuseOtherSettings(realHost, unfinished, { documents, isReal, emit });
    reportTakenUp('init', unfinished.startedAt, emit);
  }
  warnOfGates(input, emit);
  // Read first, so that a bad patch ends the run before anything is written.
  const directory = request.patchesDir ?? (config.init.patches?.directory || undefined);
  const patches = await readPatches(realHost, directory, { phases: patchedPhases, single, emit });
  if (single === undefined) emit({ type: 'kubernetes-version', version: input.cluster.kubernetesVersion });
  const nodeName = input.init.nodeRegistration.name;
  return { input: { ...input, patches }, host, skip, dryRun, nodeName };
}

/** The state of the machine before the run, and the request. */
interface Given {
  readonly host: Host;
  readonly emit: Emit;
  readonly request: InitRequest;
  /** Whether all phases run, and not single ones. */
  readonly isWhole: boolean;
}

/** Loads the configuration, and completes it with the values of the unfinished run. */
async function load(
  { emit, host, request }: Given,
  unfinished: InitRecord | undefined,
): Promise<{ readonly config: InitFamilyConfig; readonly completions: Completions }> {
  const loaded = await loadInitFamily(host, configSource(request), {
    criDetection: request.criDetection ?? true,
    keptTokens: unfinished === undefined ? [] : tokensOf(documentsOf(unfinished)),
    kept: unfinished?.completions,
    onWarning: warnTo(emit),
  });
  const config = withNodeName(loaded.config, request.nodeName);
  const { advertiseAddress } = config.init.localAPIEndpoint;
  await located(loaded.locate, () => checkBindAddress(advertiseAddress));
  return { config, completions: loaded.completions };
}

interface OptionSources {
  readonly config: InitFamilyConfig;
  readonly unfinished: InitRecord | undefined;
  readonly ignorePreflightErrors: readonly string[];
}

function optionsOf(
  { host, request }: Given,
  { config, ignorePreflightErrors, unfinished }: OptionSources,
): InitOptions {
  const { init } = config;
  const certificateKey = init.certificateKey || (unfinished?.secrets.certificateKey ?? randomKey(host));
  return {
    uploadCerts: request.uploadCerts ?? false,
    skipCertificateKeyPrint: request.skipCertificateKeyPrint ?? false,
    skipTokenPrint: request.skipTokenPrint ?? false,
    printManifest: request.printManifest ?? false,
    ignorePreflightErrors,
    certificateKey,
    uploadToken: unfinished?.secrets.uploadToken ?? randomToken(host.random),
  };
}

/** The phases that apply patches. */
const patchedPhases = [
  'etcd/local',
  'control-plane/apiserver',
  'control-plane/controller-manager',
  'control-plane/scheduler',
  'kubelet-start/start',
  'addon/coredns',
];

/** 64 hexadecimal digits. The key is a secret. */
function randomKey({ random }: Pick<Host, 'random'>): string {
  return Buffer.from(random.bytes(32)).toString('hex');
}

/** Replaces the node name after validation, exactly as typed. */
function withNodeName(config: InitFamilyConfig, name: string | undefined): InitFamilyConfig {
  if (name === undefined) return config;
  const { init } = config;
  return { ...config, init: { ...init, nodeRegistration: { ...init.nodeRegistration, name } } };
}

interface External {
  readonly ca: boolean;
  readonly frontProxy: boolean;
}

async function externalAuthorities(
  { host, emit }: Given,
  config: InitFamilyConfig,
  kubeconfigDir: string,
): Promise<External> {
  const directory = config.cluster.certificatesDir;
  const ca = await checkExternalAuthority(host, { name: 'ca', directory, emit });
  if (ca) await checkExternalKubeconfigs(host, { ...config, kubeconfigDir, specs: kubeconfigs, emit });
  const frontProxy = await checkExternalAuthority(host, { name: 'front-proxy-ca', directory, emit });
  return { ca, frontProxy };
}

function refuseUploadOfExternal(uploadCerts: boolean, external: External): void {
  if (!uploadCerts || !(external.ca || external.frontProxy)) return;
  throw new KubeadmError(
    'usage',
    `can't use upload-certs with an external ${external.ca ? 'CA' : 'front-proxy CA'}`,
    { hint: 'its key is not on this node: copy the certificates to the other control planes by hand' },
  );
}

function skippedPhases({ isWhole, request }: Given, { cluster, init }: InitFamilyConfig): readonly string[] {
  if (!isWhole) return request.skip ?? [];
  return [
    ...(request.skip ?? init.skipPhases),
    ...(cluster.dns.disabled ? ['addon/coredns'] : []),
    ...(cluster.proxy.disabled ? ['addon/kube-proxy'] : []),
  ];
}

/** A skipped addon is stored as disabled in the configuration of the cluster. */
function withDisabledAddons(config: InitFamilyConfig, skip: readonly string[]): InitFamilyConfig {
  const names = skip.map((name) => name.toLowerCase());
  const skipped = (addon: string): boolean => names.includes('addon') || names.includes(`addon/${addon}`);
  const { cluster } = config;
  return {
    ...config,
    cluster: {
      ...cluster,
      dns: { ...cluster.dns, disabled: cluster.dns.disabled || skipped('coredns') },
      proxy: { disabled: cluster.proxy.disabled || skipped('kube-proxy') },
    },
  };
}

function warnOfGates(input: InitInput, emit: Emit): void {
  for (const gate of ['PublicKeysECDSA', 'RootlessControlPlane'] as const) {
    if (input.cluster.featureGates[gate] === undefined) continue;
    const stage = gate === 'PublicKeysECDSA' ? 'deprecated: use encryptionAlgorithm' : 'an alpha feature';
    const code = gate === 'PublicKeysECDSA' ? 'feature-gate-deprecated' : 'feature-gate-alpha';
    emit({ type: 'warning', code, message: `feature gate ${gate} is ${stage}` });
  }
  if (!featureEnabled(input.cluster, 'NodeLocalCRISocket')) {
    emit({
      type: 'warning',
      code: 'feature-gate-locked',
      message: 'feature gate NodeLocalCRISocket is locked to true upstream; false is obeyed here and will go',
    });
  }
}

/** Sets resolvConf if systemd-resolved runs, as kubelet-start does, so that the uploaded configuration has it, too. */
async function withResolvedDns(
  { isWhole }: Given,
  { kubelet }: InitFamilyConfig,
  { services }: Host,
): Promise<InitFamilyConfig['kubelet']> {
  if (!isWhole) return kubelet;
  return { ...kubelet, data: withResolvConf(kubelet.data, await isResolvedActive(services)) };
}
