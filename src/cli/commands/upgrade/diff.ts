import { defined } from '../../../lib/defined.ts';
import { diffUpgrade } from '../../../phases/upgrade/diff.ts';
import { command } from '../../command.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { versionArgument } from './request.ts';

export const diff = command({
  name: 'diff',
  argumentsHelp: '[version]',
  short:
    'Show what differences would be applied to existing static pod manifests. See also: kubeadm upgrade apply --dry-run',
  maximumArguments: Number.POSITIVE_INFINITY,
  flags: ['config', 'context-lines', 'kubeconfig'],
  run: async (invocation) => {
    const { flags, host, output, record, signal, startedAt } = invocation;
    refuseMixedFlags(flags);
    const { given } = flags;
    const request = defined({
      configPath: given.config,
      kubeconfig: given.kubeconfig,
      contextLines: given['context-lines'],
      version: versionArgument(invocation.arguments),
    });
    output.stdout(await diffUpgrade(host, request, { record, signal, startedAt }));
  },
});
