import { randomToken } from '../../../config/random-token.ts';
import { command } from '../../command.ts';
import { flag } from '../../flags.ts';
import { create } from './create.ts';
import { deleteCommand } from './delete.ts';
import { list } from './list.ts';

export const token = command({
  name: 'token',
  short: 'Work with bootstrap tokens',
  long: `Work with bootstrap tokens. A new machine and the cluster establish trust with a bootstrap token.

A token is <id>.<secret>, of the form [a-z0-9]{6}.[a-z0-9]{16}. The id is public, and the secret
is confidential. The cluster keeps the token in the Secret kube-system/bootstrap-token-<id>.`,
  persistentFlags: [
    'dry-run',
    flag('kubeconfig', {
      usage:
        'The kubeconfig file for talking to the cluster. By default it is the first existing file of KUBECONFIG ' +
        '(or $HOME/.kube/config) and /etc/kubernetes/admin.conf.',
    }),
  ],
  commands: [
    create,
    deleteCommand,
    command({
      name: 'generate',
      short: 'Make a bootstrap token, without creating it in the cluster',
      run: async ({ host, output }) => output.stdout(`${randomToken(host.random)}\n`),
    }),
    list,
  ],
});
