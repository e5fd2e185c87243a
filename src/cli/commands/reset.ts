import type { RecordedEvent } from '../../events.ts';
import { defined } from '../../lib/defined.ts';
import { manualCleanupNote, resetPhases } from '../../phases/reset/index.ts';
import type { ResetRequest } from '../../phases/reset/request.ts';
import { runReset } from '../../phases/reset/run.ts';
import { command, type Invocation } from '../command.ts';
import type { CommandFlags, GivenFlags } from '../flag-values.ts';
import { reportFlags } from '../flags.ts';
import { refuseMixedFlags } from '../mixed-flags.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';

export const reset = command({
  name: 'reset',
  short: "Undo what 'kubeadm init' or 'kubeadm join' did to this machine",
  long: `Undo what 'kubeadm init' or 'kubeadm join' did to this machine, as far as possible.\n\n${phaseTable('reset', resetPhases)}`,
  flags: [
    'all',
    'cert-dir',
    'cleanup-tmp-dir',
    'config',
    'cri-socket',
    'dry-run',
    'force',
    'ignore-preflight-errors',
    'kubeconfig',
    'skip-phases',
  ],
  persistentFlags: reportFlags,
  reports: true,
  // Upstream ignores these words, and scripts pass them.
  maximumArguments: Number.POSITIVE_INFINITY,
  commands: [phaseCommand({ command: 'reset', phases: resetPhases, run: execute })],
  run: async (invocation) => {
    const left: RecordedEvent['event'][] = [];
    const record = (recorded: RecordedEvent): void => {
      const { event } = recorded;
      if (event.type === 'warning' && event.code === 'etcd-member-left') left.push(event);
      invocation.record(recorded);
    };
    await runReset(invocation.host, requestOf(invocation.flags, undefined), { ...invocation, record });
    if (invocation.flags.given.all !== true) invocation.emit({ type: 'output', text: manualCleanupNote });
    // This comes last so that the user sees it: a voting member that does not run can cost the cluster its quorum.
    for (const event of left) invocation.emit(event);
  },
});

async function execute(invocation: Invocation, only: readonly string[]): Promise<void> {
  await runReset(invocation.host, requestOf(invocation.flags, only), invocation);
}

function requestOf(flags: CommandFlags<never>, only: readonly string[] | undefined): ResetRequest {
  refuseMixedFlags(flags);
  const given: GivenFlags = flags.given;
  return defined({
    configPath: given.config,
    only,
    skip: given['skip-phases'],
    dryRun: given['dry-run'],
    force: given.force,
    all: given.all,
    cleanupTmpDir: given['cleanup-tmp-dir'],
    ignorePreflightErrors: given['ignore-preflight-errors'],
    certificatesDir: given['cert-dir'],
    criSocket: given['cri-socket'],
    kubeconfig: given.kubeconfig,
    criDetection: flags.names.has('cri-socket'),
  });
}
