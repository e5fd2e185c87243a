/** Rules about certificates on this machine. */
import { type CertificateFacts, type Facts, kubeletClientName } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Remedy } from '../remedy.ts';

/** Without one of these no component of the control plane trusts another. */
const vital: ReadonlySet<string> = new Set([
  'ca',
  'etcd-ca',
  'apiserver',
  'etcd-server',
  'etcd-peer',
  'apiserver-etcd-client',
]);

function certificatesOf({ machine }: Facts): readonly CertificateFacts[] {
  return machine?.certificates ?? [];
}

function certainty({ name }: CertificateFacts): Finding['certainty'] {
  return vital.has(name) ? 'certain' : 'likely';
}

function day(time: number): string {
  return new Date(time).toISOString().replace('.000', '');
}

export const clockWrong: Rule = {
  name: 'clock-wrong',
  title: 'The clock of the machine is behind',
  proof: 'A certificate on this machine is not valid yet.',
  cure: 'Set the clock, and keep it right with NTP.',
  find: (facts) => {
    const now = facts.machine?.now ?? 0;
    const early = certificatesOf(facts).filter(({ notBefore }) => notBefore > now);
    const first = early.find(({ name }) => vital.has(name)) ?? early[0];
    if (first === undefined) return [];
    return [
      {
        code: 'certificate-invalid',
        component: 'clock',
        certainty: certainty(first),
        summary: `the clock of this machine (${day(now)}) is wrong, or the ${noun(first)} ${first.path} is not valid yet: it is valid from ${day(first.notBefore)}`,
        evidence: early.slice(1, 4).map(({ notBefore, path }) => `${path} is valid from ${day(notBefore)}`),
        remedy: {
          kind: 'steps',
          text: 'Set the clock of this machine (`timedatectl` shows it), or replace the certificate',
          commands: ['timedatectl', 'timedatectl set-ntp true'],
        },
      },
    ];
  },
};

export const certificateExpired: Rule = {
  name: 'certificate-expired',
  title: 'A certificate has expired',
  proof: 'The end of its validity has passed, by the clock of this machine.',
  cure: 'Renew it with `kubeadm certs renew all --restart`, replace the authority, or set the clock.',
  find: (facts) => {
    const now = facts.machine?.now ?? 0;
    return certificatesOf(facts)
      .filter(({ notAfter }) => notAfter < now)
      .toSorted((a, b) => Number(b.isAuthority) - Number(a.isAuthority))
      .map((one) => ({
        code: 'certificate-invalid',
        component: one.name,
        certainty: certainty(one),
        summary: `the ${noun(one)} ${one.path} has expired at ${day(one.notAfter)}`,
        evidence: [],
        remedy: remedyOf(one),
        since: one.notAfter,
      }));
  },
};

export const certificateKeyMismatch: Rule = {
  name: 'certificate-key-mismatch',
  title: 'A private key belongs to another certificate',
  proof: 'The public key of the certificate is not that of the key beside it.',
  cure: 'Put the right key beside the certificate, or remove both and make them again.',
  find: (facts) =>
    certificatesOf(facts)
      .filter(({ keyFits }) => keyFits === false)
      .map((one) => ({
        code: 'certificate-invalid',
        component: one.name,
        certainty: 'likely',
        summary: `the private key beside the ${noun(one)} ${one.path} belongs to another certificate`,
        evidence: [],
        remedy: one.isAuthority
          ? { kind: 'replace-authority', path: one.path }
          : {
              kind: 'steps',
              text: `Put the right key beside ${one.path}, or remove both files and make them again`,
              commands: [`kubeadm init phase certs ${one.name}`],
            },
      })),
};

export const certificateUntrusted: Rule = {
  name: 'certificate-untrusted',
  title: 'A certificate is signed by another authority',
  proof: 'The authority beside it on this machine did not sign it.',
  cure: 'Make the certificate again with the authority of this cluster.',
  find: (facts) =>
    certificatesOf(facts)
      .filter(({ isTrusted }) => isTrusted === false)
      .map((one) => ({
        code: 'certificate-invalid',
        component: one.name,
        certainty: 'likely',
        summary: `the certificate ${one.path} is not signed by the certificate authority of this cluster (x509: unknown authority)`,
        evidence: [],
        remedy:
          one.name === kubeletClientName
            ? removeClient(one.path)
            : {
                kind: 'steps',
                text: `Remove ${one.path} with its key and make them again with the authority of this cluster`,
                commands: [`kubeadm init phase certs ${one.name}`],
              },
      })),
};

function noun({ isAuthority, name, path }: CertificateFacts): string {
  if (path.endsWith('.conf')) return 'client certificate in';
  if (name === kubeletClientName) return 'client certificate of the kubelet';
  if (name.endsWith('.conf')) return `client certificate of ${name}`;
  return isAuthority ? 'certificate authority' : 'certificate';
}

/** Without it, the kubelet uses the certificate in its kubeconfig, or asks for a new one with a bootstrap token. */
function removeClient(path: string): Finding['remedy'] {
  return {
    kind: 'steps',
    text: `Remove ${path}, which an earlier cluster has left, and restart the kubelet`,
    commands: [`rm ${path}`, 'systemctl restart kubelet'],
  };
}

/** For a kubelet whose client certificate is of no use any more. */
export const newKubeletConf: Remedy = {
  kind: 'steps',
  text: 'Make a new kubelet.conf on a control plane node, copy it to this node and restart the kubelet',
  commands: [
    'kubeadm kubeconfig user --org system:nodes --client-name system:node:NODE',
    'systemctl restart kubelet',
  ],
};

function remedyOf({ isAuthority, name, path }: CertificateFacts): Finding['remedy'] {
  if (isAuthority) return { kind: 'replace-authority', path };
  if (name === 'kubelet.conf' || name === kubeletClientName) {
    return newKubeletConf;
  }
  return { kind: 'renew-certificates', names: [name] };
}
