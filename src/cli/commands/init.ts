import { initPhases } from '../../phases/init/index.ts';
import { runInit } from '../../phases/init/run.ts';
import { command, type Invocation } from '../command.ts';
import { nodeReportFlags } from '../flags.ts';
import { initRequest } from '../init-request.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { initFields } from '../result-document.ts';

export const init = command({
  name: 'init',
  short: 'Set up the Kubernetes control plane on this machine',
  long: `Set up the Kubernetes control plane on this machine.\n\n${phaseTable('init', initPhases)}`,
  flags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'apiserver-cert-extra-sans',
    'cert-dir',
    'certificate-key',
    'config',
    'control-plane-endpoint',
    'cri-socket',
    'dry-run',
    'feature-gates',
    'ignore-preflight-errors',
    'image-repository',
    'kubernetes-version',
    'node-name',
    'patches',
    'pod-network-cidr',
    'service-cidr',
    'service-dns-domain',
    'skip-certificate-key-print',
    'skip-phases',
    'skip-token-print',
    'token',
    'token-ttl',
    'upload-certs',
  ],
  persistentFlags: nodeReportFlags,
  reports: true,
  commands: [phaseCommand({ command: 'init', phases: initPhases, run: execute })],
  run: async (invocation) => await execute(invocation),
});

/** @param only full names of the phases to run; defaults to all phases of the command */
async function execute(invocation: Invocation, only?: readonly string[]): Promise<void> {
  const result = await runInit(invocation.host, initRequest(invocation.flags, only), invocation);
  invocation.reportResult(initFields(result));
}
