/** Examples of faults of the machine and of its certificates. */
import type { CertificateFacts, Facts, FileSystemFacts } from '../../../src/diagnosis/facts.ts';
import { type Examples, now, onMachine, timesOut } from './example.ts';

const hour = 3_600_000;

const fileSystem = (changes: Partial<FileSystemFacts>): Facts =>
  onMachine({
    fileSystems: [{ path: '/var/lib/etcd', mountPoint: '/var', readOnly: false, noExec: false, ...changes }],
  });

const certificate = (changes: Partial<CertificateFacts>): Facts =>
  onMachine({
    certificates: [
      {
        path: '/etc/kubernetes/pki/apiserver.crt',
        name: 'apiserver',
        isAuthority: false,
        notBefore: now - hour,
        notAfter: now + hour,
        ...changes,
      },
    ],
  });

export const machineExamples: Examples = {
  'disk-full': {
    symptom: `Files cannot be written, etcd ends, or the kubelet evicts Pods. ${timesOut}`,
    facts: fileSystem({ freeBytes: 0 }),
  },
  'read-only-file-system': {
    symptom: `The components and the kubelet cannot write their files. ${timesOut}`,
    facts: fileSystem({ readOnly: true }),
  },
  'loopback-down': {
    symptom: 'Every component runs, and each reports that another one does not answer at 127.0.0.1.',
    facts: onMachine({ loopback: { up: false, hasAddress: false } }),
  },
  'clock-wrong': {
    symptom: 'Connections fail with `x509: certificate has expired or is not yet valid`.',
    facts: certificate({ notBefore: now + 2 * hour, notAfter: now + 9000 * hour }),
  },
  'clock-differs': {
    symptom:
      'A node cannot join, or its requests fail with `Unauthorized` or `x509: certificate is not yet valid`.',
    facts: onMachine({
      addresses: ['10.0.0.6'],
      endpoint: {
        server: 'https://cluster.example:6443',
        host: 'cluster.example',
        addresses: ['10.0.0.5'],
        failingMs: 0,
        aheadSeconds: 7200,
      },
    }),
  },
  'certificate-expired': {
    symptom: 'Connections fail with `x509: certificate has expired or is not yet valid`.',
    facts: certificate({ notBefore: now - 9000 * hour, notAfter: now - hour }),
  },
  'certificate-key-mismatch': {
    symptom: 'A component ends with `tls: private key does not match public key`.',
    facts: certificate({ keyFits: false }),
  },
  'certificate-untrusted': {
    symptom: 'Connections fail with `x509: certificate signed by unknown authority`.',
    facts: certificate({ isTrusted: false }),
  },
};
