import { closedOnAbort, localClient } from '../../cluster/client.ts';
import { waitForComponents } from '../../cluster/wait-for-control-plane.ts';
import type { JoinPhase } from './input.ts';

/** Waits until every component on this machine is healthy. Source: cmd/phases/join/waitcontrolplane.go. */
export const waitControlPlane: JoinPhase = {
  name: 'wait-control-plane',
  short: 'Wait until the control plane is up',
  arguments: { usage: '', maximum: 1 },
  flags: [],
  inDryRun: 'skip',
  run: async ({ join, paths }, host, context) => {
    if (join.controlPlane === undefined) return;
    const { localAPIEndpoint: endpoint } = join.controlPlane;
    const { timeouts } = join;
    // The client of the run uses the address of all control planes.
    const own = { endpoint, timeouts, kubeconfig: paths.kubeconfig, bootstrap: false };
    const client = await localClient(host, own, context);
    const wait = {
      client,
      advertiseAddress: endpoint.advertiseAddress,
      timeoutMs: timeouts.controlPlaneComponentHealthCheck,
    };
    try {
      await closedOnAbort(client, context.signal, () => waitForComponents(host, wait, context));
    } finally {
      client.close();
    }
  },
};
