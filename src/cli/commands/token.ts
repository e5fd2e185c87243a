import { randomToken } from '../../cluster/tokens.ts';
import type { Command } from '../command.ts';
import { flag } from '../flags.ts';

/** `kubeadm token`. */
export const token: Command = {
  name: 'token',
  short: 'Work with bootstrap tokens',
  persistentFlags: [flag('dry-run'), flag('kubeconfig')],
  later: ['create', 'delete', 'list'],
  commands: [
    {
      name: 'generate',
      short: 'Make a bootstrap token, without creating it in the cluster',
      run: async ({ host, output }) => output.stdout(`${randomToken(host.random)}\n`),
    },
  ],
};
