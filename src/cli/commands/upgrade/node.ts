import { nodePhases } from '../../../phases/upgrade/node/index.ts';
import { runUpgradeNode, type UpgradeNodeResult } from '../../../phases/upgrade/node/run.ts';
import { command, type Invocation } from '../../command.ts';
import { flag, reportFlags } from '../../flags.ts';
import { refuseMixedFlags } from '../../mixed-flags.ts';
import { phaseCommand, phaseTable } from '../../phase-commands.ts';
import { upgradeRequest } from './request.ts';

export const node = command({
  name: 'node',
  short: 'Upgrade commands for a node in the cluster',
  long: `Upgrade this node to the version of its cluster.\n\n${phaseTable('node', nodePhases)}`,
  flags: [
    'certificate-renewal',
    'config',
    'dry-run',
    'etcd-upgrade',
    'ignore-preflight-errors',
    flag('kubeconfig', {
      usage: 'The kubeconfig file for talking to the cluster. A worker uses that of its kubelet by default.',
    }),
    'patches',
    'skip-phases',
  ],
  persistentFlags: reportFlags,
  reports: true,
  commands: [phaseCommand({ command: 'node', phases: nodePhases, run: runSingle })],
  run: async (invocation) => {
    refuseMixedFlags(invocation.flags);
    const { dryRun } = await execute(invocation);
    if (dryRun === undefined) return;
    invocation.emit({ type: 'output', text: '[upgrade/successful] Finished dryrunning successfully!\n' });
  },
});

async function runSingle(invocation: Invocation, only: readonly string[]): Promise<void> {
  await execute(invocation, only);
}

async function execute(invocation: Invocation, only?: readonly string[]): Promise<UpgradeNodeResult> {
  return await runUpgradeNode(invocation.host, upgradeRequest(invocation, only), invocation);
}
