import { initPhases } from '../../phases/init/index.ts';
import { runInit } from '../../phases/init/run.ts';
import type { Command, Invocation } from '../command.ts';
import { flag, flagsNamed, reportFlags } from '../flags.ts';
import { initRequest } from '../init-request.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { shown } from '../workflow.ts';

const flagNames = [
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
];

/** `kubeadm init` and `kubeadm init phase …`. */
export const init: Command = {
  name: 'init',
  short: 'Set up the Kubernetes control plane on this machine',
  long: `Set up the Kubernetes control plane on this machine.\n\n${phaseTable('init', initPhases)}`,
  flags: flagsNamed(flagNames),
  persistentFlags: reportFlags,
  commands: [
    phaseCommand({
      command: 'init',
      phases: initPhases,
      flag: (name) => (name === 'kubeconfig' ? flag('kubeconfig') : undefined),
      run: async (invocation, only) => await execute(invocation, only),
    }),
  ],
  run: async (invocation) => await execute(invocation),
};

/** `only`: the phases of a single-phase run; the whole command otherwise. */
async function execute(invocation: Invocation, only?: readonly string[]): Promise<void> {
  const request = initRequest(invocation.flags, only);
  await shown(invocation, (context) => runInit(invocation.host, request, context));
}
