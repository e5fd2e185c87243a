import { loadRenewalConfiguration } from '../../../cluster/renewal-configuration.ts';
import type { ClusterConfiguration } from '../../../config/hub.ts';
import { renewableCertificates, renewableIn } from '../../../kubeconfig/renew.ts';
import { authoritySpec } from '../../../pki/certificates.ts';
import { type RenewableCertificate, type RenewalResult, renewCertificate } from '../../../pki/renew.ts';
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
    const cluster = await loadConfiguration(invocation);
    for (const renewable of renewableIn(cluster)) await renewOne(invocation, cluster, renewable);
    invocation.output.stdout(
      '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, ' +
        'kube-scheduler and etcd, so that they can use the new certificates.\n',
    );
  },
});

/** Renews one certificate and prints the result. */
async function renewOne(
  { emit, host, output }: Invocation,
  cluster: ClusterConfiguration,
  renewable: RenewableCertificate,
): Promise<void> {
  const result = await renewCertificate(host, { cluster, startTime: host.clock.now() }, renewable, emit);
  output.stdout(`${resultLine(result, renewable)}\n`);
}

function resultLine(result: RenewalResult, { authority, longName }: RenewableCertificate): string {
  switch (result) {
    case 'renewed':
      return `${longName} renewed`;
    case 'missing':
      return `MISSING! ${longName}`;
    case 'external':
      return `Detected external ${authoritySpec(authority).baseName}, ${longName} can't be renewed`;
  }
}

function loadConfiguration({ emit, flags, host }: Invocation<SourceFlag>): Promise<ClusterConfiguration> {
  return loadRenewalConfiguration(host, sourceOf(flags), { emit, topic: 'renew' });
}

export const renew = command({
  name: 'renew',
  short: 'Renew certificates of this control-plane node',
  commands: [
    all,
    ...renewableCertificates.map((renewable) => {
      const { longName, name } = renewable;
      return command({
        name,
        short: `Renew the ${longName}`,
        long: `Renew the ${longName}.\n\n${rules}`,
        flags: sourceFlags,
        run: async (invocation) => renewOne(invocation, await loadConfiguration(invocation), renewable),
      });
    }),
  ],
});
