import { createTokens } from '../../../cluster/create-tokens.ts';
import { joinCommand } from '../../../cluster/join-command.ts';
import { checkCertificateKey } from '../../../config/validation/values.ts';
import { dryRunKube } from '../../../host/dry-run/kube.ts';
import { madeUp } from '../../../host/dry-run/made-up.ts';
import { command, type Invocation } from '../../command.ts';
import type { CommandFlags } from '../../flag-values.ts';
import { flag } from '../../flags.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { usage } from '../../parse.ts';
import { renderText } from '../../render/text.ts';
import { type TokenCluster, tokenCluster, withTokenClient } from './cluster.ts';
import { wantedTokens } from './wanted.ts';

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
    const { emit, flags, host, output, signal } = invocation;
    refuseMixedFlags(flags);
    checkKey(flags);
    const { timeouts, tokens } = await wantedTokens(invocation);
    const cluster = await tokenCluster(invocation);
    const result = resultOf(flags, cluster, tokens[0]?.token ?? '');
    const connect = flags.value('dry-run')
      ? dryRunKube(host.kube, { madeUp: madeUp.token, emit })
      : host.kube;
    const policy = {
      clock: host.clock,
      timeoutMs: timeouts.kubernetesAPICall,
      signal,
      emit: toStderr(invocation),
    };
    await withTokenClient(cluster, { connect, signal }, (client) =>
      createTokens(client, tokens, { now: host.clock.now(), policy }),
    );
    output.stdout(`${result}\n`);
  },
});

type JoinCommandFlag = 'certificate-key' | 'print-join-command';

/** @throws KubeadmError `usage`; the message does not contain the key */
function checkKey(flags: CommandFlags<JoinCommandFlag>): void {
  const key = flags.value('certificate-key');
  if (key === '') return;
  if (!flags.value('print-join-command')) {
    throw usage(
      'cannot use --certificate-key without --print-join-command',
      'Add --print-join-command, or omit the key, which is only part of the join command.',
    );
  }
  const [finding] = checkCertificateKey(key, '--certificate-key');
  if (finding !== undefined) throw usage(`--certificate-key: ${finding.message}`);
}

/** Returns the token, or the join command on one line. It is called before the token is created, because it can fail. */
function resultOf(flags: CommandFlags<JoinCommandFlag>, { cluster }: TokenCluster, token: string): string {
  if (!flags.value('print-join-command')) return token;
  const certificateKey = flags.value('certificate-key');
  const command = joinCommand(
    cluster,
    certificateKey === '' ? { token } : { token, controlPlane: { certificateKey } },
  );
  return command.replaceAll('\\\n', '').replaceAll('\t', '');
}

/** Writes progress to stderr, because scripts read all of stdout as the token. */
function toStderr({ output }: Pick<Invocation, 'output'>): Invocation['emit'] {
  return (event) => {
    const rendered = renderText(event, 0);
    if (rendered !== undefined) output.stderr(rendered.text);
  };
}
