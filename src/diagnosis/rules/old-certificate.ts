import type { Rule } from '../finding.ts';
import type { Remedy } from '../remedy.ts';
import type { OldCertificateFacts } from '../setup-facts.ts';

export const oldCertificate: Rule = {
  name: 'old-certificate-in-use',
  title: 'A component uses an older certificate than the one in its file',
  // It works until it expires.
  explainsSymptoms: false,
  proof:
    'The server presents another certificate than its file has had for two minutes, or the certificate of a client that reads its file only when it starts is newer than its container. Only `doctor` looks for it.',
  onlyDoctor: true,
  cure: 'Restart the component, for example with `kubeadm certs renew … --restart`.',
  find: ({ machine, oldCertificates = [] }) =>
    oldCertificates
      // The component cannot read such a pair, and another rule names it.
      .filter(({ path }) => machine?.certificates.find((one) => one.path === path)?.keyFits !== false)
      .map((old) => ({
        code: 'certificate-invalid',
        component: old.component,
        certainty: 'likely',
        summary: old.isServed
          ? `${old.component} presents another certificate than ${old.path} has, so it still uses an older one`
          : `${old.component} still uses the certificate that ${old.path} had before, because it reads the file only when it starts`,
        evidence: [],
        remedy: remedyOf(old),
      })),
};

/** `certs renew --restart` restarts only components that do not read their files again by themselves. */
function remedyOf({ certificate, component, isServed }: OldCertificateFacts): Remedy {
  return isServed
    ? {
        kind: 'steps',
        text: `End the container of ${component}. The kubelet starts it again, and it reads the file`,
        commands: [`crictl ps --name '^${component}$' --quiet | xargs crictl stop`],
      }
    : {
        kind: 'steps',
        text: `Restart ${component}, for example with \`kubeadm certs renew ${certificate} --restart\``,
        commands: [`kubeadm certs renew ${certificate} --restart`],
      };
}
