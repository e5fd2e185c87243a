/** Validates ClusterConfiguration, in upstream's order. */
import { messageOf } from '../../errors.ts';
import { formatDuration } from '../../lib/go/duration.ts';
import { parseGoUrl } from '../../lib/go/url.ts';
import { releaseOf } from '../../releases/index.ts';
import { defaultCaCertificateValidity, defaultCertificateValidity } from '../defaults.ts';
import { featureGatesOf } from '../feature-gates.ts';
import type { Finding } from '../findings/finding.ts';
import type { ClusterConfiguration, Etcd, ExternalEtcd } from '../hub.ts';
import { validateNetworking } from './networking.ts';
import {
  checkAbsolutePath,
  checkArgs,
  checkHostPort,
  checkOneOf,
  checkRepository,
  checkSans,
  invalid,
  warning,
} from './values.ts';

const algorithms = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'ECDSA-P256', 'ECDSA-P384'];

export function validateCluster(cluster: ClusterConfiguration): readonly Finding[] {
  const { apiServer, controllerManager, scheduler, dns } = cluster;
  const gates = featureGatesOf(releaseOf(cluster.kubernetesVersion));
  return [
    ...(dns.imageRepository === '' ? [] : checkRepository(dns.imageRepository, 'dns.imageRepository')),
    ...validateNetworking(cluster),
    ...checkSans(apiServer.certSANs, 'apiServer.certSANs'),
    ...checkArgs(apiServer.extraArgs, 'apiServer.extraArgs'),
    ...checkArgs(controllerManager.extraArgs, 'controllerManager.extraArgs'),
    ...checkArgs(scheduler.extraArgs, 'scheduler.extraArgs'),
    ...checkAbsolutePath(cluster.certificatesDir, 'certificatesDir'),
    ...Object.keys(cluster.featureGates).flatMap((gate) =>
      gates.includes(gate)
        ? []
        : [
            invalid(
              `featureGates.${gate}`,
              gate,
              `${gate} is not a valid feature name; the feature gates are ${gates.join(', ')}`,
            ),
          ],
    ),
    ...checkHostPort(cluster.controlPlaneEndpoint, 'controlPlaneEndpoint'),
    ...checkRepository(cluster.imageRepository, 'imageRepository'),
    ...validateEtcd(cluster.etcd),
    ...checkOneOf(cluster.encryptionAlgorithm, algorithms, 'encryptionAlgorithm'),
    ...warnOfPeriods(cluster),
  ];
}

function validateEtcd({ local, external }: Etcd): readonly Finding[] {
  if (local !== undefined && external !== undefined) {
    return [invalid('etcd', '', 'local and external are mutually exclusive: write one of them')];
  }
  if (local !== undefined) {
    const { imageRepository } = local;
    return [
      ...checkAbsolutePath(local.dataDir, 'etcd.local.dataDir'),
      ...checkSans(local.serverCertSANs, 'etcd.local.serverCertSANs'),
      ...checkSans(local.peerCertSANs, 'etcd.local.peerCertSANs'),
      ...(imageRepository === '' ? [] : checkRepository(imageRepository, 'etcd.local.imageRepository')),
      ...checkArgs(local.extraArgs, 'etcd.local.extraArgs'),
    ];
  }
  return external === undefined
    ? [invalid('etcd', '', 'either local or external is required')]
    : validateExternalEtcd(external);
}

function validateExternalEtcd(external: ExternalEtcd): readonly Finding[] {
  const { endpoints, httpEndpoints, caFile, certFile, keyFile } = external;
  const path = 'etcd.external';
  const encrypted = caFile !== '' || certFile !== '' || keyFile !== '';
  return [
    ...((certFile === '') !== (keyFile === '')
      ? [invalid(path, '', 'either both or none of certFile and keyFile must be set')]
      : []),
    ...(certFile !== '' && keyFile !== '' && caFile === ''
      ? [invalid(path, '', 'setting certFile and keyFile requires caFile')]
      : []),
    ...(endpoints.length === 0
      ? [invalid(`${path}.endpoints`, '', 'at least one endpoint must be specified')]
      : []),
    ...endpoints.flatMap((url, index) => checkUrl(url, `${path}.endpoints[${index}]`, encrypted)),
    ...httpEndpoints.flatMap((url, index) => checkUrl(url, `${path}.httpEndpoints[${index}]`, false)),
    ...Object.entries({ caFile, certFile, keyFile }).flatMap(([name, file]) =>
      file === '' ? [] : checkAbsolutePath(file, `${path}.${name}`),
    ),
  ];
}

function checkUrl(text: string, path: string, httpsOnly: boolean): readonly Finding[] {
  try {
    const { scheme } = parseGoUrl(text);
    if (httpsOnly && scheme !== 'https') {
      return [
        invalid(path, text, 'the URL must be using the HTTPS scheme, as caFile, certFile or keyFile is set'),
      ];
    }
    return scheme === ''
      ? [invalid(path, text, 'the URL without scheme is not allowed: write https://…')]
      : [];
  } catch (error) {
    return [invalid(path, text, `URL parse error: ${messageOf(error)}`)];
  }
}

function warnOfPeriods(cluster: ClusterConfiguration): readonly Finding[] {
  const { certificateValidityPeriod: leaf, caCertificateValidityPeriod: ca } = cluster;
  return [
    ...checkPeriod(leaf, defaultCertificateValidity, 'certificateValidityPeriod'),
    ...checkPeriod(ca, defaultCaCertificateValidity, 'caCertificateValidityPeriod'),
    ...(leaf > ca
      ? [
          warning(
            'certificate-outlives-authority',
            'certificateValidityPeriod',
            `it is ${formatDuration(leaf)}, more than caCertificateValidityPeriod, which is ${formatDuration(ca)}: ` +
              'certificates will outlive their CA',
          ),
        ]
      : []),
  ];
}

function checkPeriod(period: number, recommended: number, path: string): readonly Finding[] {
  return period > recommended
    ? [
        warning(
          'certificate-validity-long',
          path,
          `it is ${formatDuration(period)}, more than the recommended ${formatDuration(recommended)}`,
        ),
      ]
    : [];
}
