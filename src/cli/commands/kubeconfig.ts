import { userKubeconfig } from '../../commands/user-kubeconfig.ts';
import { usageError } from '../../errors.ts';
import { defined } from '../../lib/defined.ts';
import { command } from '../command.ts';
import { flag } from '../flags.ts';

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
  run: async (invocation) => {
    const { flags, host, output } = invocation;
    if (!flags.changed.has('client-name')) throw usageError('required flag(s) "client-name" not set');
    const request = defined({
      name: flags.value('client-name'),
      organizations: flags.value('org'),
      validity: flags.value('validity-period'),
      configPath: flags.given.config,
      token: flags.given.token,
    });
    const { kubeconfig: text } = await userKubeconfig(host, request, invocation);
    output.stdout(text.reveal());
  },
});

export const kubeconfig = command({
  name: 'kubeconfig',
  short: 'Work with kubeconfig files',
  helpOnly: true,
  commands: [user],
});
