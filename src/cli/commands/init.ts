import { keyAlgorithm } from '../../config/hub.ts';
import { initPhases } from '../../phases/init/index.ts';
import type { Command, Invocation } from '../command.ts';
import { flag, flagsNamed } from '../flags.ts';
import { buildInit } from '../init-run.ts';
import { phaseCommand, phaseTable } from '../phase-commands.ts';
import { runWorkflow, select } from '../workflow.ts';

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
  commands: [
    phaseCommand({
      command: 'init',
      phases: initPhases,
      flag: (name) => (name === 'kubeconfig' ? flag('kubeconfig') : undefined),
      run: async (invocation, only) => await runInit(invocation, only),
    }),
  ],
  run: async (invocation) => await runInit(invocation),
};

/** `only`: the phases of a single-phase run; the whole command otherwise. */
async function runInit(invocation: Invocation, only?: readonly string[]): Promise<void> {
  // A single phase is refused for its dependencies before any configuration is read.
  const single = only === undefined ? undefined : select(initPhases, { only });
  const { input, host, skip } = await buildInit(invocation, only === undefined ? 'whole' : 'single');
  if (single === undefined)
    invocation.emit({ type: 'kubernetes-version', version: input.cluster.kubernetesVersion });
  const selected = single ?? select(initPhases, { skip });
  invocation.emit({
    type: 'detail',
    verbosity: 2,
    message: `keys are made with ${keyAlgorithm(input.cluster)}`,
  });
  await runWorkflow(initPhases, selected, { input, host, invocation });
}
