import { randomToken } from '../../../config/random-token.ts';
import { command } from '../../command.ts';
import { flag } from '../../flags.ts';
import { create } from './create.ts';
import { deleteCommand } from './delete.ts';
import { list } from './list.ts';

/** `kubeadm token`. */
export const token = command({
  name: 'token',
  short: 'Work with bootstrap tokens',
  long: `Work with bootstrap tokens: with one, a machine that is new and the cluster come to trust each other.

A token is <id>.<secret>, of the form [a-z0-9]{6}.[a-z0-9]{16}. The id may be known; the
secret must not. In the cluster it is the Secret bootstrap-token-<id> of kube-system.`,
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
