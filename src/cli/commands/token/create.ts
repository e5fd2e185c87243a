import { createToken } from '../../../commands/create-token.ts';
import { usageError } from '../../../errors.ts';
import type { RecordedEvent } from '../../../events.ts';
import { defined } from '../../../lib/defined.ts';
import { command, type Invocation } from '../../command.ts';
import type { CommandFlags } from '../../flag-values.ts';
import { flag } from '../../flags.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { renderText } from '../../render/text.ts';

export const create = command({
  name: 'create',
  argumentsHelp: '[token]',
  short: 'Create a bootstrap token in the cluster',
  long: `Create a bootstrap token in the cluster, and print it.

Without [token] the command makes a random one. With --config it creates all bootstrapTokens
of the InitConfiguration, and prints the first one.`,
  example: `  # A command that joins a worker, with a token for one hour
  kubeadm token create --ttl 1h --print-join-command`,
  flags: [
    flag('certificate-key', {
      usage:
        'With --print-join-command: print the command that joins a control plane, with this key. ' +
        'A new key is made by "kubeadm init phase upload-certs --upload-certs".',
    }),
    'config',
    'description',
    'groups',
    'print-join-command',
    'ttl',
    'usages',
  ],
  inherits: ['dry-run', 'kubeconfig'],
  // Upstream ignores further words.
  maximumArguments: Number.POSITIVE_INFINITY,
  run: async (invocation) => {
    const { arguments: words, flags, host, output } = invocation;
    refuseMixedFlags(flags);
    refuseLoneKey(flags);
    const { given } = flags;
    const request = defined({
      configPath: given.config,
      token: words[0] || undefined,
      description: given.description,
      groups: given.groups,
      usages: given.usages,
      ttl: given.ttl,
      kubeconfig: given.kubeconfig,
      dryRun: flags.value('dry-run'),
      join: flags.value('print-join-command'),
      certificateKey: given['certificate-key'],
    });
    const { join, tokens } = await createToken(host, request, {
      ...invocation,
      record: waitsToStderr(invocation),
    });
    const joinCommand = given['certificate-key'] === undefined ? join?.worker : join?.controlPlane;
    output.stdout(`${(joinCommand ?? tokens[0]).reveal().replaceAll('\\\n', '').replaceAll('\t', '')}\n`);
  },
});

type JoinCommandFlag = 'certificate-key' | 'print-join-command';

function refuseLoneKey(flags: CommandFlags<JoinCommandFlag>): void {
  if (flags.value('certificate-key') === '' || flags.value('print-join-command')) return;
  throw usageError(
    'cannot use --certificate-key without --print-join-command',
    'Add --print-join-command, or omit the key, which is only part of the join command.',
  );
}

/** Writes waits to stderr, because scripts read all of stdout as the token. */
function waitsToStderr({ output, record }: Pick<Invocation, 'output' | 'record'>): Invocation['record'] {
  return (recorded: RecordedEvent) => {
    const { event } = recorded;
    if (event.type !== 'waiting' && event.type !== 'waited') record(recorded);
    else output.stderr(renderText(event, 0)?.text ?? '');
  };
}
