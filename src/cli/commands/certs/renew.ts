import { renewCertificates } from '../../../commands/renew-certificates.ts';
import type { KubeadmEvent } from '../../../events.ts';
import { renewableCertificates } from '../../../kubeconfig/renew.ts';
import { authoritySpec } from '../../../pki/certificates.ts';
import { command, type Invocation } from '../../command.ts';
import { sourceFlags, sourceOf } from './source.ts';

const rules = `The command renews certificates with new keys, no matter when they expire. The new certificate
has the names and usages of the old one, even if the configuration has others. The key of the
authority must be on this node: a certificate of an external authority is not changed.

The controller manager and the scheduler read their certificates only when they start. A warning names
each component that still uses an old one. --restart restarts them, one after the other, and waits until
they are healthy. A component that does not work with its new certificate gets the earlier one back.
Copy the renewed certificate to every other place that uses it.`;

const renewFlags = [...sourceFlags, 'restart'] as const;

const all = command({
  name: 'all',
  short: 'Renew all certificates of this control-plane node',
  long: `Renew all certificates of this control-plane node, but for those of the authorities\nand the kubelet's.\n\n${rules}`,
  flags: renewFlags,
  run: async (invocation) => {
    await renew(invocation);
    const next = invocation.flags.value('restart')
      ? 'The components of this node use the new certificates.'
      : 'You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use ' +
        'the new certificates.';
    invocation.output.stdout(`\nDone renewing certificates. ${next}\n`);
  },
});

type RenewFlag = (typeof renewFlags)[number];

/** Prints a line for each certificate as soon as its outcome is known. */
async function renew(invocation: Invocation<RenewFlag>, names?: readonly string[]): Promise<void> {
  const { flags, host, output } = invocation;
  const record: Invocation['record'] = (recorded) => {
    const line = outcomeLine(recorded.event);
    if (line === undefined) invocation.record(recorded);
    else output.stdout(`${line}\n`);
  };
  const request = {
    ...sourceOf(flags),
    restart: flags.value('restart'),
    ...(names === undefined ? {} : { names }),
  };
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
        flags: renewFlags,
        run: async (invocation) => {
          await renew(invocation, [name]);
        },
      }),
    ),
  ],
});
