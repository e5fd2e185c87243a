import { warnTo } from '../../config/findings/warnings.ts';
import { loadInitFamily } from '../../config/load.ts';
import { buildUserKubeconfig } from '../../kubeconfig/user.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { formatDuration } from '../../lib/go/duration.ts';
import { command } from '../command.ts';
import { flag } from '../flags.ts';
import { usage } from '../parse.ts';

const defaultValidity = 365 * 24 * 60 * 60 * 1000;

const user = command({
  name: 'user',
  short: 'Print a kubeconfig file for one more user of the cluster',
  long: `Print a kubeconfig file for one more user of the cluster.

The user authenticates with a client certificate, or with the token of --token. The cluster's
CA signs the certificate, so the key of the CA must be on this machine. RBAC decides the rights
of the user: bind a role to the name, or to an organization, which counts as a group.`,
  example: `  # A user "dev" of the group "team-a", for a week
  kubeadm kubeconfig user --client-name dev --org team-a --validity-period 168h --config kubeadm.yaml`,
  flags: [
    'client-name',
    'config',
    'org',
    flag('token', { usage: 'The token that the user authenticates with, instead of a client certificate.' }),
    'validity-period',
  ],
  run: async ({ flags, host, emit, output }) => {
    if (!flags.changed.has('client-name')) throw usage('required flag(s) "client-name" not set');
    const name = flags.value('client-name');
    if (name === '') throw usage('--client-name is empty', 'Name the user: RBAC knows it by this name.');
    const validity = flags.value('validity-period');
    if (validity <= 0) {
      throw usage(
        `--validity-period ${formatDuration(validity)} is not in the future`,
        'Use a duration above zero, such as 24h0m0s.',
      );
    }
    const configPath = flags.value('config');
    const { config } = await loadInitFamily(host, configPath === '' ? {} : { configPath }, {
      criDetection: false,
      onWarning: warnTo(emit),
    });
    if (validity > defaultValidity) {
      const message =
        `the validity period ${formatDuration(validity)} is longer than the default, ` +
        `${formatDuration(defaultValidity)}, and a certificate cannot be revoked`;
      emit({ type: 'warning', code: 'client-certificate-validity-long', message });
    }
    const token = flags.value('token');
    const order = { config, name, organizations: flags.value('org'), validity };
    const built = await buildUserKubeconfig(host, token === '' ? order : { ...order, token }, emit);
    output.stdout(`${formatKubeconfig(built)}\n`);
  },
});

export const kubeconfig = command({
  name: 'kubeconfig',
  short: 'Work with kubeconfig files',
  helpOnly: true,
  commands: [user],
});
