/** Builds the input of `init` from request and configuration. Everything is read and refused before the first write. */
import { randomToken } from '../../cluster/tokens.ts';
import { checkBindAddress } from '../../config/advertise-address.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import { featureEnabled, type InitFamilyConfig } from '../../config/hub.ts';
import { loadInitFamily } from '../../config/load.ts';
import { KubeadmError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { createDryRunHost } from '../../host/dry-run/index.ts';
import type { Host } from '../../host/host.ts';
import { checkExternalKubeconfigs } from '../../kubeconfig/external-ca.ts';
import { isResolvedActive, withResolvConf } from '../../kubelet/configuration.ts';
import { adminConf, kubernetesDir, temporaryDir } from '../../names.ts';
import { loadPatches } from '../../patches/index.ts';
import { checkExternalAuthority } from '../../pki/external-ca.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { refuseChangedSettings, unfinishedInit } from '../../run-record/resume.ts';
import { newRunId, refuseBesideAnother } from '../../run-record/running.ts';
import { settingsOf } from '../../run-record/settings.ts';
import { configSource } from '../config-source.ts';
import type { InitInput } from './input.ts';
import type { InitRequest } from './request.ts';

/** What `init` works on. */
export interface InitRun {
  readonly input: InitInput;
  /** In a dry run the one that writes into its directory alone. */
  readonly host: Host;
  /** Phases to leave out: as requested, else as configured, and those of disabled addons. */
  readonly skip: readonly string[];
}

/**
 * With `only`, what the configuration says of skipping has no effect, as upstream.
 *
 * @throws KubeadmError as `loadInitFamily`; `usage`, `unfinished-run`, `certificate-invalid`, `kubeconfig-invalid`, `patch-invalid`
 */
export async function buildInit(realHost: Host, request: InitRequest, emit: Emit): Promise<InitRun> {
  const startTime = realHost.clock.now();
  const mode = request.only === undefined ? 'whole' : 'single';
  const given = { host: realHost, emit };
  if (mode === 'whole') await refuseBesideAnother(realHost);
  const unfinished = mode === 'whole' ? await unfinishedInit(realHost) : undefined;
  const loaded = await loadInitFamily(realHost, configSource(request), {
    criDetection: request.criDetection ?? true,
    keptTokens: unfinished?.secrets.tokens ?? [],
    kept: unfinished?.completions,
    onWarning: warnTo(emit),
  });
  const config = withNodeName(loaded.config, request.nodeName);
  checkBindAddress(config.init.localAPIEndpoint.advertiseAddress);
  const dryRun = request.dryRun ?? config.init.dryRun;
  // A name that is refused must not leave a dry-run directory behind.
  const ignorePreflightErrors = ignoredChecks([
    ...(request.ignorePreflightErrors ?? []),
    ...config.init.nodeRegistration.ignorePreflightErrors,
  ]);
  const kubeconfigDir = request.kubeconfigDir ?? kubernetesDir;
  const { certificatesDir } = config.cluster;
  const host = dryRun ? await dryRunHost(given, { certificatesDir, kubeconfigDir }) : realHost;
  const external = await externalAuthorities(given, config, kubeconfigDir);
  const uploadCerts = request.uploadCerts ?? false;
  refuseUploadOfExternal(uploadCerts, external);
  const skip = skippedPhases(config, request.skip, mode);
  const certificateKey =
    config.init.certificateKey || (unfinished?.secrets.certificateKey ?? randomKey(realHost));
  // Of the configuration as it was given: phases that are skipped and the state of services may change between tries.
  const settings = settingsOf(config, { uploadCerts, certificateKey });
  const input: InitInput = {
    ...withDisabledAddons(config, skip),
    runId: newRunId(realHost),
    startTime,
    externalCA: external.ca,
    externalFrontProxyCA: external.frontProxy,
    options: {
      dryRun,
      uploadCerts,
      skipCertificateKeyPrint: request.skipCertificateKeyPrint ?? false,
      skipTokenPrint: request.skipTokenPrint ?? false,
      printManifest: request.printManifest ?? false,
      ignorePreflightErrors,
      certificateKey,
      uploadToken: unfinished?.secrets.uploadToken ?? randomToken(realHost.random),
    },
    toRecord: { settings, completions: loaded.completions },
    unfinished,
    paths: {
      kubeconfigDir,
      kubeconfig: request.kubeconfig ?? `${kubernetesDir}/${adminConf}`,
      patchesDir: request.patchesDir ?? (config.init.patches?.directory || undefined),
    },
  };
  const complete = await withResolvedDns(input, host, mode);
  if (unfinished !== undefined) {
    refuseChangedSettings(unfinished, settings);
    const message = `Taking up the run of ${unfinished.startedAt} that did not end`;
    emit({ type: 'progress', topic: 'init', message });
  }
  warnOfGates(input, emit);
  // A bad patch ends the run before anything is written.
  if (mode === 'whole' && input.paths.patchesDir !== undefined)
    await loadPatches(host, input.paths.patchesDir, emit);
  return {
    input: deepFreeze(complete),
    host,
    skip,
  };
}

/** 64 hexadecimal digits: a secret. */
function randomKey({ random }: Pick<Host, 'random'>): string {
  return Buffer.from(random.bytes(32)).toString('hex');
}

/** The machine as it is, and who hears of it. */
interface Given {
  readonly host: Host;
  readonly emit: Emit;
}

/** It replaces the name after validation, as it was typed. */
function withNodeName(config: InitFamilyConfig, name: string | undefined): InitFamilyConfig {
  if (name === undefined) return config;
  const { init } = config;
  return { ...config, init: { ...init, nodeRegistration: { ...init.nodeRegistration, name } } };
}

async function dryRunHost(
  { host, emit }: Given,
  folders: { readonly certificatesDir: string; readonly kubeconfigDir: string },
): Promise<Host> {
  const chosen = host.system.environment().KUBEADM_INIT_DRYRUN_DIR;
  const directory = chosen ? chosen : await temporaryDirectory(host);
  emit({
    type: 'warning',
    code: 'dry-run-directory',
    message: `Using dry-run directory ${directory}. To override it, set the environment variable KUBEADM_INIT_DRYRUN_DIR`,
  });
  return createDryRunHost(host, { ...folders, directory, emit });
}

async function temporaryDirectory({ files }: Pick<Host, 'files'>): Promise<string> {
  await files.makeDirectory(temporaryDir, 0o700);
  return await files.makeTemporaryDirectory(`${temporaryDir}/kubeadm-init-dryrun`);
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
  if (ca) await checkExternalKubeconfigs(host, { ...config, kubeconfigDir, emit });
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

function skippedPhases(
  config: InitFamilyConfig,
  requested: readonly string[] | undefined,
  mode: 'whole' | 'single',
): readonly string[] {
  if (mode === 'single') return requested ?? [];
  const skip = requested ?? config.init.skipPhases;
  return [
    ...skip,
    ...(config.cluster.dns.disabled ? ['addon/coredns'] : []),
    ...(config.cluster.proxy.disabled ? ['addon/kube-proxy'] : []),
  ];
}

/** A skipped addon is a disabled one: the cluster's stored configuration says so. */
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

/** kubelet-start sets resolvConf where systemd-resolved runs; what is uploaded later has it, too. */
async function withResolvedDns(input: InitInput, host: Host, mode: 'whole' | 'single'): Promise<InitInput> {
  if (mode === 'single') return input;
  const data = withResolvConf(input.kubelet.data, await isResolvedActive(host.services));
  return { ...input, kubelet: { ...input.kubelet, data } };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Date)) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFreeze(field);
  }
  return value;
}
