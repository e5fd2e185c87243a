import type { KubeadmEvent } from '../../events.ts';
import { manualCleanupNote, resetPhases } from '../../phases/reset/index.ts';
import { type ResetRequest, runReset } from '../../phases/reset/run.ts';
import type { Command, Invocation } from '../command.ts';
import { refuseMixedFlags } from '../config-conflicts.ts';
import { flagsNamed, reportFlags } from '../flags.ts';
import { clean, givenFlags } from '../given-flags.ts';
import type { FlagValues } from '../parse.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { shown } from '../workflow.ts';

const flagNames = [
  'cert-dir',
  'cleanup-tmp-dir',
  'config',
  'cri-socket',
  'dry-run',
  'force',
  'ignore-preflight-errors',
  'kubeconfig',
  'skip-phases',
];

/** `kubeadm reset` and `kubeadm reset phase …`. */
export const reset: Command = {
  name: 'reset',
  short: "Undo what 'kubeadm init' or 'kubeadm join' did to this machine",
  long: `Undo what 'kubeadm init' or 'kubeadm join' did to this machine, as far as it goes.\n\n${phaseTable('reset', resetPhases)}`,
  flags: flagsNamed(flagNames),
  persistentFlags: reportFlags,
  // Scripts pass words that were never looked at.
  maximumArguments: Number.POSITIVE_INFINITY,
  commands: [
    phaseCommand({
      command: 'reset',
      phases: resetPhases,
      run: async (invocation, only) => await execute(invocation, only),
    }),
  ],
  run: async (invocation) => {
    const left: KubeadmEvent[] = [];
    await shown(invocation, (context) =>
      runReset(invocation.host, requestOf(invocation.flags, undefined), {
        ...context,
        record: (recorded) => {
          const { event } = recorded;
          if (event.type === 'warning' && event.code === 'etcd-member-left') left.push(event);
          context.record?.(recorded);
        },
      }),
    );
    invocation.emit({ type: 'output', text: manualCleanupNote });
    // A voting member that does not run can cost the cluster its quorum: the user must not miss it.
    for (const event of left) invocation.emit(event);
  },
};

async function execute(invocation: Invocation, only: readonly string[]): Promise<void> {
  const request = requestOf(invocation.flags, only);
  await shown(invocation, (context) => runReset(invocation.host, request, context));
}

function requestOf(flags: FlagValues, only: readonly string[] | undefined): ResetRequest {
  refuseMixedFlags(flags);
  const given = givenFlags(flags);
  return clean({
    configPath: given.string('config'),
    only,
    skip: given.strings('skip-phases'),
    dryRun: given.bool('dry-run'),
    force: given.bool('force'),
    cleanupTmpDir: given.bool('cleanup-tmp-dir'),
    ignorePreflightErrors: given.strings('ignore-preflight-errors'),
    certificatesDir: given.string('cert-dir'),
    criSocket: given.string('cri-socket'),
    kubeconfig: given.string('kubeconfig'),
    criDetection: flags.has('cri-socket'),
  });
}
