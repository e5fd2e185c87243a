import { ensureAuthority } from '../../pki/ca.ts';
import {
  type CertificateSpec,
  certificates,
  isForEtcd,
  serviceAccountBaseName,
} from '../../pki/certificates.ts';
import { ensureLeaf } from '../../pki/leaf.ts';
import { ensureServiceAccountKey } from '../../pki/sa.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './input.ts';

const commonFlags: readonly PhaseFlag[] = ['cert-dir', 'config', 'dry-run', 'kubernetes-version'];
const apiServerFlags: readonly PhaseFlag[] = [
  'apiserver-advertise-address',
  'apiserver-cert-extra-sans',
  ...commonFlags,
  'control-plane-endpoint',
  'service-cidr',
  'service-dns-domain',
];

/** Source: cmd/kubeadm/app/cmd/phases/init/certs.go. */
export const certs: InitPhase = {
  name: 'certs',
  short: 'Certificate generation',
  allFlags: apiServerFlags.toSorted(),
  run: async (input, _host, { emit }) => {
    emit({ type: 'certificates-directory', directory: input.cluster.certificatesDir });
  },
  children: [...certificates.map(certificatePhase), serviceAccountPhase()],
};

function certificatePhase(spec: CertificateSpec): InitPhase {
  return {
    name: spec.name,
    short: `Generate the ${spec.longName}`,
    long:
      `Generate the ${spec.longName}, and save it in ${spec.baseName}.crt with its key in ${spec.baseName}.key.\n\n` +
      'Files that are there and fit are kept; what is there and does not fit is refused, never replaced.',
    flags: spec.name === 'apiserver' ? apiServerFlags.toSorted() : commonFlags,
    run: async (input, host, { emit }) => {
      if (input.cluster.etcd.external !== undefined && isForEtcd(spec)) {
        emit({ type: 'certificate-skipped', name: spec.baseName, reason: 'external-etcd' });
      } else if (spec.kind === 'authority') {
        await ensureAuthority(host, input, spec, emit);
      } else {
        await ensureLeaf(host, input, spec, emit);
      }
    },
  };
}

function serviceAccountPhase(): InitPhase {
  return {
    name: 'sa',
    short: 'Generate the key pair that signs service account tokens',
    long:
      `Generate the key pair that signs service account tokens, and save it in ${serviceAccountBaseName}.key and ` +
      `${serviceAccountBaseName}.pub.\n\nA key that is there is kept.`,
    flags: commonFlags,
    run: async (input, host, { emit }) => {
      if (input.externalCA) {
        emit({ type: 'certificate-skipped', name: serviceAccountBaseName, reason: 'external-ca' });
      } else {
        await ensureServiceAccountKey(host, input, emit);
      }
    },
  };
}
