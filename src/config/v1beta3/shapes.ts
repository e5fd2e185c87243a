/** The kinds of kubeadm.k8s.io/v1beta3 that differ from v1beta4. Source: apis/kubeadm/v1beta3/types.go. */
import { bool, duration, list, map, object, string } from '../reading/shape.ts';
import * as v1beta4 from '../v1beta4/shapes.ts';

const argMap = map(string);
const volumes = v1beta4.clusterConfiguration.fields.apiServer.fields.extraVolumes;
const image = { imageRepository: string, imageTag: string };
const component = { extraArgs: argMap, extraVolumes: volumes };
const { imagePullSerial: _, ...registration } = v1beta4.nodeRegistration.fields;
const nodeRegistration = object({ ...registration, kubeletExtraArgs: argMap });
const { dryRun: _initDryRun, timeouts: _initTimeouts, ...initFields } = v1beta4.initConfiguration.fields;
const { dryRun: _joinDryRun, timeouts: _joinTimeouts, ...joinFields } = v1beta4.joinConfiguration.fields;
const {
  encryptionAlgorithm: _algorithm,
  certificateValidityPeriod: _validity,
  caCertificateValidityPeriod: _caValidity,
  proxy: _proxy,
  ...clusterFields
} = v1beta4.clusterConfiguration.fields;

export const initConfiguration = object({ ...initFields, nodeRegistration });

export const joinConfiguration = object({
  ...joinFields,
  nodeRegistration,
  discovery: object({ ...v1beta4.joinConfiguration.fields.discovery.fields, timeout: duration }),
});

export const clusterConfiguration = object({
  ...clusterFields,
  etcd: object({
    local: object({
      ...image,
      dataDir: string,
      extraArgs: argMap,
      serverCertSANs: list(string),
      peerCertSANs: list(string),
    }),
    external: object({ endpoints: list(string), caFile: string, certFile: string, keyFile: string }),
  }),
  apiServer: object({ ...component, certSANs: list(string), timeoutForControlPlane: duration }),
  controllerManager: object(component),
  scheduler: object(component),
  dns: object(image),
  featureGates: map(bool),
});

export const kinds = {
  InitConfiguration: initConfiguration,
  ClusterConfiguration: clusterConfiguration,
  JoinConfiguration: joinConfiguration,
} as const;
