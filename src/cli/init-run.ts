/** Builds the input of `init` from flags and configuration. Everything is read and refused before the first write. */
import { checkBindAddress } from '../config/advertise-address.ts';
import { parseFeatureGates } from '../config/feature-gates.ts';
import { featureEnabled, type InitFamilyConfig } from '../config/hub.ts';
import { type InitOverlay, loadInitFamily } from '../config/load.ts';
import type { RawCluster, RawInit } from '../config/v1beta4/defaults.ts';
import { KubeadmError } from '../errors.ts';
import { createDryRunHost } from '../host/dry-run/index.ts';
import type { Host } from '../host/ports.ts';
import { checkExternalKubeconfigs } from '../kubeconfig/external-ca.ts';
import { isResolvedActive, withResolvConf } from '../kubelet/configuration.ts';
import { adminConf, kubernetesDir, temporaryDir } from '../names.ts';
import { loadPatches } from '../patches/index.ts';
import type { InitInput } from '../phases/init/input.ts';
import { checkExternalAuthority } from '../pki/external-ca.ts';
import { keyCount } from '../pki/key-plan.ts';
import { pooledKeys } from '../pki/key-pool.ts';
import type { Invocation } from './command.ts';
import { warnTo } from './config-warnings.ts';
import { refuseMixedFlags } from './mixing.ts';
import type { FlagValues } from './parse.ts';

export interface InitRun {
  readonly input: InitInput;
  readonly host: Host;
  /** Phases to leave out: flag, else configuration, and those of disabled addons. */
  readonly skip: readonly string[];
}

/** `single`: one phase on its own; what the configuration says of skipping has no effect there, as upstream. */
export async function buildInit(invocation: Invocation, mode: 'whole' | 'single'): Promise<InitRun> {
  const { flags, emit } = invocation;
  const startTime = invocation.host.clock.now();
  refuseMixedFlags(flags);
  const given = readers(flags);
  const configPath = given.string('config');
  const loaded = await loadInitFamily(
    invocation.host,
    { ...(configPath === undefined ? {} : { configPath }), overlay: overlayOf(flags) },
    { criDetection: flags.has('cri-socket'), onWarning: warnTo(emit) },
  );
  const config = withNodeName(loaded.config, given.string('node-name'));
  checkBindAddress(config.init.localAPIEndpoint.advertiseAddress);
  const dryRun = given.bool('dry-run') ?? config.init.dryRun;
  const kubeconfigDir = given.string('kubeconfig-dir') ?? kubernetesDir;
  const { certificatesDir } = config.cluster;
  const host = dryRun ? await dryRunHost(invocation, { certificatesDir, kubeconfigDir }) : invocation.host;
  const external = await externalAuthorities(invocation, config, kubeconfigDir);
  const uploadCerts = given.bool('upload-certs') ?? false;
  refuseUploadOfExternal(uploadCerts, external);
  const skip = skippedPhases(config, given.strings('skip-phases'), mode);
  const certificateKey = config.init.certificateKey;
  const input: InitInput = {
    ...withDisabledAddons(config, skip),
    startTime,
    externalCA: external.ca,
    externalFrontProxyCA: external.frontProxy,
    options: {
      dryRun,
      uploadCerts,
      skipCertificateKeyPrint: given.bool('skip-certificate-key-print') ?? false,
      skipTokenPrint: given.bool('skip-token-print') ?? false,
      printManifest: given.bool('print-manifest') ?? false,
      ignorePreflightErrors: ignoredErrors(given.strings('ignore-preflight-errors') ?? [], config),
      certificateKey:
        certificateKey === ''
          ? Buffer.from(invocation.host.random.bytes(32)).toString('hex')
          : certificateKey,
    },
    paths: {
      kubeconfigDir,
      kubeconfig: given.string('kubeconfig') ?? `${kubernetesDir}/${adminConf}`,
      patchesDir: given.string('patches') ?? (config.init.patches?.directory || undefined),
    },
  };
  warnOfGates(input, emit);
  // A bad patch ends the run before anything is written.
  if (mode === 'whole' && input.paths.patchesDir !== undefined)
    await loadPatches(host, input.paths.patchesDir, emit);
  return {
    input: deepFreeze(await withResolvedDns(input, host, mode)),
    host: await withKeyPool(input, host, mode),
    skip,
  };
}

/** Values of flags that this command has and that were set; undefined otherwise. */
function readers(flags: FlagValues) {
  const set = (name: string): boolean => flags.has(name) && flags.changed(name);
  return {
    string: (name: string): string | undefined =>
      set(name) && flags.string(name) !== '' ? flags.string(name) : undefined,
    bool: (name: string): boolean | undefined => (set(name) ? flags.bool(name) : undefined),
    number: (name: string): number | undefined => (set(name) ? flags.number(name) : undefined),
    strings: (name: string): readonly string[] | undefined =>
      set(name) && flags.strings(name).length > 0 ? flags.strings(name) : undefined,
    pairs: (name: string): RawArgs | undefined => (set(name) ? flags.pairs(name) : undefined),
  };
}

type RawArgs = readonly { readonly name: string; readonly value: string }[];

/** The flags as the fields that they stand for. */
export function overlayOf(flags: FlagValues): InitOverlay {
  const given = readers(flags);
  const gates = given.string('feature-gates');
  const init: RawInit = clean({
    bootstrapTokens: flags.has('token')
      ? [
          clean({
            token: given.string('token'),
            ttl: flags.number('token-ttl'),
            description: "The default bootstrap token generated by 'kubeadm init'.",
          }),
        ]
      : undefined,
    certificateKey: given.string('certificate-key'),
    localAPIEndpoint: clean({
      advertiseAddress: given.string('apiserver-advertise-address'),
      bindPort: given.number('apiserver-bind-port'),
    }),
    nodeRegistration: clean({ name: given.string('node-name'), criSocket: given.string('cri-socket') }),
  });
  const cluster: RawCluster = clean({
    certificatesDir: given.string('cert-dir'),
    controlPlaneEndpoint: given.string('control-plane-endpoint'),
    featureGates: gates === undefined ? undefined : parseFeatureGates(gates),
    imageRepository: given.string('image-repository'),
    kubernetesVersion: given.string('kubernetes-version'),
    networking: clean({
      podSubnet: given.string('pod-network-cidr'),
      serviceSubnet: given.string('service-cidr'),
      dnsDomain: given.string('service-dns-domain'),
    }),
    apiServer: clean({
      certSANs: given.strings('apiserver-cert-extra-sans'),
      extraArgs: given.pairs('apiserver-extra-args'),
    }),
    controllerManager: clean({ extraArgs: given.pairs('controller-manager-extra-args') }),
    scheduler: clean({ extraArgs: given.pairs('scheduler-extra-args') }),
  });
  return { init, cluster };
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
function clean<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** `--node-name` replaces the name after validation, as it was typed. */
function withNodeName(config: InitFamilyConfig, name: string | undefined): InitFamilyConfig {
  if (name === undefined) return config;
  const { init } = config;
  return { ...config, init: { ...init, nodeRegistration: { ...init.nodeRegistration, name } } };
}

async function dryRunHost(
  { host, emit }: Invocation,
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
  { host, emit }: Invocation,
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
  flag: readonly string[] | undefined,
  mode: 'whole' | 'single',
): readonly string[] {
  if (mode === 'single') return [];
  const skip = flag ?? config.init.skipPhases;
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

/** Union of flag and configuration, in lower case. */
function ignoredErrors(flag: readonly string[], config: InitFamilyConfig): readonly string[] {
  const names = [
    ...new Set(
      [...flag, ...config.init.nodeRegistration.ignorePreflightErrors].map((name) => name.toLowerCase()),
    ),
  ];
  if (names.includes('all') && names.length > 1) {
    throw new KubeadmError('usage', "don't specify individual checks if 'all' is used", {
      hint: `remove ${names.filter((name) => name !== 'all').join(', ')}, or remove all`,
    });
  }
  return names.sort();
}

function warnOfGates(input: InitInput, emit: Invocation['emit']): void {
  for (const gate of ['PublicKeysECDSA', 'RootlessControlPlane'] as const) {
    if (input.cluster.featureGates[gate] === undefined) continue;
    const stage = gate === 'PublicKeysECDSA' ? 'deprecated: use encryptionAlgorithm' : 'an alpha feature';
    emit({ type: 'warning', code: 'feature-gate', message: `feature gate ${gate} is ${stage}` });
  }
  if (!featureEnabled(input.cluster, 'NodeLocalCRISocket')) {
    emit({
      type: 'warning',
      code: 'feature-gate',
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

/** A whole run on a machine without a CA needs many keys: they are made while the checks run. */
async function withKeyPool(input: InitInput, host: Host, mode: 'whole' | 'single'): Promise<Host> {
  if (mode === 'single') return host;
  const authority = await host.files.stat(`${input.cluster.certificatesDir}/ca.crt`);
  if (authority !== undefined) return host;
  const plan = { ...keyCount(input.cluster), atOnce: host.system.cpus() };
  return { ...host, keys: pooledKeys(host.keys, plan) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Date)) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFreeze(field);
  }
  return value;
}
