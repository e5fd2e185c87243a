import { renewCertificates } from '../../../commands/renew-certificates.ts';
import type { KubeadmEvent } from '../../../events.ts';
import { renewableCertificates } from '../../../kubeconfig/renew.ts';
import { authoritySpec } from '../../../pki/certificates.ts';
import { command, type Invocation } from '../../command.ts';
import { type SourceFlag, sourceFlags, sourceOf } from './source.ts';

const rules = `The command renews certificates with new keys, no matter when they expire. The new certificate
has the names and usages of the old one, even if the configuration has others. The key of the
authority must be on this node: a certificate of an external authority is not changed.

The components read their certificates when they start. Restart the control plane afterwards,
and copy the renewed certificate to every other place that uses it.`;

const all = command({
  name: 'all',
  short: 'Renew all certificates of this control-plane node',
  long: `Renew all certificates of this control-plane node, but for those of the authorities\nand the kubelet's.\n\n${rules}`,
  flags: sourceFlags,
  run: async (invocation) => {
    await renew(invocation);
    invocation.output.stdout(
      '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, ' +
        'kube-scheduler and etcd, so that they can use the new certificates.\n',
    );
  },
});

/** Prints a line for each certificate as soon as its outcome is known. */
async function renew(invocation: Invocation<SourceFlag>, names?: readonly string[]): Promise<void> {
  const { flags, host, output } = invocation;
  const record: Invocation['record'] = (recorded) => {
    const line = outcomeLine(recorded.event);
    if (line === undefined) invocation.record(recorded);
    else output.stdout(`${line}\n`);
  };
  const request = names === undefined ? sourceOf(flags) : { ...sourceOf(flags), names };
  await renewCertificates(host, request, { ...invocation, record });
}

function outcomeLine(event: KubeadmEvent): string | undefined {
  if (event.type !== 'certificate-renewed' && event.type !== 'certificate-not-renewed') return undefined;
  const renewable = renewableCertificates.find(({ name }) => name === event.name);
  if (renewable === undefined) return undefined;
  const { authority, longName } = renewable;
  if (event.type === 'certificate-renewed') return `${longName} renewed`;
  return event.reason === 'missing'
    ? `MISSING! ${longName}`
    : `Detected external ${authoritySpec(authority).baseName}, ${longName} can't be renewed`;
}

export const renewCommand = command({
  name: 'renew',
  short: 'Renew certificates of this control-plane node',
  commands: [
    all,
    ...renewableCertificates.map(({ longName, name }) =>
      command({
        name,
        short: `Renew the ${longName}`,
        long: `Renew the ${longName}.\n\n${rules}`,
        flags: sourceFlags,
        run: async (invocation) => {
          await renew(invocation, [name]);
        },
      }),
    ),
  ],
});
