import { certsSecret } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { discoveryFlags, endpointArgument } from './discovery-flags.ts';
import type { JoinPhase } from './input.ts';
import { notBuilt } from './not-built.ts';

const commonFlags: readonly PhaseFlag[] = ['config', 'control-plane', 'dry-run'];

/** Source: cmd/phases/join/controlplaneprepare.go. */
export const controlPlanePrepare: JoinPhase = {
  name: 'control-plane-prepare',
  short: 'Prepare this machine for a control plane',
  example: `  # Prepare this machine for a control plane
  kubeadm join phase control-plane-prepare all`,
  arguments: endpointArgument,
  allFlags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'certificate-key',
    ...commonFlags,
    'node-name',
    'patches',
    ...discoveryFlags,
  ],
  children: [
    {
      name: 'download-certs',
      short: `Download the certificates that control planes share from Secret ${certsSecret}`,
      arguments: endpointArgument,
      flags: ['certificate-key', ...commonFlags, ...discoveryFlags],
      run: notBuilt,
    },
    {
      name: 'certs',
      short: 'Generate the certificates of the new control plane',
      arguments: endpointArgument,
      flags: ['apiserver-advertise-address', ...commonFlags, 'node-name', ...discoveryFlags],
      run: notBuilt,
    },
    {
      name: 'kubeconfig',
      short: 'Generate the kubeconfig files of the new control plane',
      arguments: endpointArgument,
      flags: ['certificate-key', ...commonFlags, ...discoveryFlags],
      run: notBuilt,
    },
    {
      name: 'control-plane',
      short: 'Generate the static Pod manifests of the new control plane',
      flags: ['apiserver-advertise-address', 'apiserver-bind-port', ...commonFlags, 'patches'],
      run: notBuilt,
    },
  ],
};
