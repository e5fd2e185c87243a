/** The kinds of kubeadm.k8s.io/v1beta4 (cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go). */
import { versionForms } from '../defaults.ts';
import {
  bool,
  duration,
  int32,
  int64,
  list,
  map,
  object,
  quantity,
  secret,
  string,
  time,
} from '../reading/shape.ts';

const kubernetesVersion = { kind: 'string', forms: versionForms } as const;

const typeMeta = { apiVersion: string, kind: string };
const args = list(object({ name: string, value: string }));
const keyRef = object({ name: string, key: string, optional: bool });
const envs = list(
  object({
    name: string,
    // An environment variable can contain a password.
    value: secret,
    valueFrom: object({
      fieldRef: object({ apiVersion: string, fieldPath: string }),
      resourceFieldRef: object({ containerName: string, resource: string, divisor: quantity }),
      configMapKeyRef: keyRef,
      secretKeyRef: keyRef,
      fileKeyRef: object({ volumeName: string, path: string, key: string, optional: bool }),
    }),
  }),
);
const volumes = list(
  object({ name: string, hostPath: string, mountPath: string, readOnly: bool, pathType: string }),
);
const component = { extraArgs: args, extraVolumes: volumes, extraEnvs: envs };
const image = { imageRepository: string, imageTag: string };

export const taint = object({ key: string, value: string, effect: string, timeAdded: time });

export const timeouts = object({
  controlPlaneComponentHealthCheck: duration,
  kubeletHealthCheck: duration,
  kubernetesAPICall: duration,
  etcdAPICall: duration,
  tlsBootstrap: duration,
  discovery: duration,
  upgradeManifests: duration,
});

const patches = object({ directory: string });
const endpoint = object({ advertiseAddress: string, bindPort: int32 });

export const nodeRegistration = object({
  name: string,
  criSocket: string,
  taints: list(taint),
  kubeletExtraArgs: args,
  ignorePreflightErrors: list(string),
  imagePullPolicy: string,
  imagePullSerial: bool,
});

const bootstrapToken = object({
  token: secret,
  description: string,
  ttl: duration,
  expires: time,
  usages: list(string),
  groups: list(string),
});

export const initConfiguration = object({
  ...typeMeta,
  bootstrapTokens: list(bootstrapToken),
  dryRun: bool,
  nodeRegistration,
  localAPIEndpoint: endpoint,
  certificateKey: secret,
  skipPhases: list(string),
  patches,
  timeouts,
});

export const clusterConfiguration = object({
  ...typeMeta,
  etcd: object({
    local: object({
      ...image,
      dataDir: string,
      extraArgs: args,
      extraEnvs: envs,
      serverCertSANs: list(string),
      peerCertSANs: list(string),
    }),
    external: object({
      endpoints: list(string),
      httpEndpoints: list(string),
      caFile: string,
      certFile: string,
      keyFile: string,
    }),
  }),
  networking: object({ serviceSubnet: string, podSubnet: string, dnsDomain: string }),
  kubernetesVersion,
  controlPlaneEndpoint: string,
  apiServer: object({ ...component, certSANs: list(string) }),
  controllerManager: object(component),
  scheduler: object(component),
  dns: object({ ...image, disabled: bool }),
  proxy: object({ disabled: bool }),
  certificatesDir: string,
  imageRepository: string,
  featureGates: map(bool),
  clusterName: string,
  encryptionAlgorithm: string,
  certificateValidityPeriod: duration,
  caCertificateValidityPeriod: duration,
});

export const joinConfiguration = object({
  ...typeMeta,
  dryRun: bool,
  nodeRegistration,
  caCertPath: string,
  discovery: object({
    bootstrapToken: object({
      token: secret,
      apiServerEndpoint: string,
      caCertHashes: list(string),
      unsafeSkipCAVerification: bool,
    }),
    file: object({ kubeConfigPath: string }),
    tlsBootstrapToken: secret,
  }),
  controlPlane: object({ localAPIEndpoint: endpoint, certificateKey: secret }),
  skipPhases: list(string),
  patches,
  timeouts,
});

export const resetConfiguration = object({
  ...typeMeta,
  cleanupTmpDir: bool,
  certificatesDir: string,
  criSocket: string,
  dryRun: bool,
  force: bool,
  ignorePreflightErrors: list(string),
  skipPhases: list(string),
  unmountFlags: list(string),
  timeouts,
});

const upgradeNode = {
  certificateRenewal: bool,
  dryRun: bool,
  etcdUpgrade: bool,
  ignorePreflightErrors: list(string),
  skipPhases: list(string),
  patches,
  imagePullPolicy: string,
  imagePullSerial: bool,
};

export const upgradeConfiguration = object({
  ...typeMeta,
  apply: object({
    ...upgradeNode,
    kubernetesVersion,
    allowExperimentalUpgrades: bool,
    allowRCUpgrades: bool,
    forceUpgrade: bool,
    printConfig: bool,
  }),
  diff: object({ kubernetesVersion, contextLines: int64 }),
  node: object(upgradeNode),
  plan: object({
    kubernetesVersion,
    allowExperimentalUpgrades: bool,
    allowRCUpgrades: bool,
    dryRun: bool,
    etcdUpgrade: bool,
    ignorePreflightErrors: list(string),
    printConfig: bool,
  }),
  timeouts,
});

export const kinds = {
  InitConfiguration: initConfiguration,
  ClusterConfiguration: clusterConfiguration,
  JoinConfiguration: joinConfiguration,
  ResetConfiguration: resetConfiguration,
  UpgradeConfiguration: upgradeConfiguration,
} as const;
