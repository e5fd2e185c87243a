/** Validates the hub. Returns all findings in upstream's order. Source: apis/kubeadm/validation/validation.go. */
import type { Finding } from '../findings/finding.ts';
import type { InitFamilyConfig, JoinConfiguration, NodeRegistration, ResetConfiguration } from '../hub.ts';
import { validateCluster } from './cluster.ts';
import { validateDiscovery } from './join.ts';
import { validateBootstrapToken } from './tokens.ts';
import {
  checkAbsolutePath,
  checkArgs,
  checkCertificateKey,
  checkDnsName,
  checkEndpoint,
  checkOneOf,
  checkPullPolicy,
  checkSocket,
  invalid,
  required,
} from './values.ts';

const unmountFlags = ['MNT_FORCE', 'MNT_DETACH', 'MNT_EXPIRE', 'UMOUNT_NOFOLLOW'];

export function validateInit({
  init,
  cluster,
}: Pick<InitFamilyConfig, 'init' | 'cluster'>): readonly Finding[] {
  return [
    ...validateRegistration(init.nodeRegistration),
    ...init.bootstrapTokens.flatMap(validateBootstrapToken),
    ...validateCluster(cluster),
    ...checkEndpoint(init.localAPIEndpoint, 'localAPIEndpoint'),
    ...checkCertificateKey(init.certificateKey, 'certificateKey'),
  ];
}

/** @param options.discoveryFileMissing whether discovery.file names a file that does not exist */
export function validateJoin(
  join: JoinConfiguration,
  options: { readonly discoveryFileMissing: boolean },
): readonly Finding[] {
  const { controlPlane, caCertPath } = join;
  return [
    ...validateDiscovery(join.discovery, options.discoveryFileMissing),
    ...validateRegistration(join.nodeRegistration),
    ...(controlPlane === undefined
      ? []
      : [
          ...checkEndpoint(controlPlane.localAPIEndpoint, 'controlPlane.localAPIEndpoint'),
          ...checkCertificateKey(controlPlane.certificateKey, 'controlPlane.certificateKey'),
        ]),
    ...(caCertPath.startsWith('/') && caCertPath.endsWith('.crt')
      ? []
      : [invalid('caCertPath', caCertPath, 'the CA certificate path must be absolute and end with .crt')]),
  ];
}

export function validateReset(reset: ResetConfiguration): readonly Finding[] {
  return [
    ...checkSocket(reset.criSocket, 'criSocket'),
    ...checkAbsolutePath(reset.certificatesDir, 'certificatesDir'),
    ...reset.unmountFlags.flatMap((flag, index) => checkOneOf(flag, unmountFlags, `unmountFlags[${index}]`)),
  ];
}

function validateRegistration(node: NodeRegistration): readonly Finding[] {
  const path = 'nodeRegistration';
  return [
    ...(node.name === ''
      ? [required(`${path}.name`, '--node-name or .nodeRegistration.name in the config file is needed')]
      : checkDnsName(node.name, `${path}.name`)),
    ...checkSocket(node.criSocket, `${path}.criSocket`),
    ...checkArgs(node.kubeletExtraArgs, `${path}.kubeletExtraArgs`),
    ...checkPullPolicy(node.imagePullPolicy, `${path}.imagePullPolicy`),
  ];
}
