import { closedOnAbort, localClient } from '../../cluster/client.ts';
import { staticPodsOf, waitFailed, waitForComponents } from '../../cluster/wait-for-control-plane.ts';
import { untilCause } from '../../diagnosis/until-cause.ts';
import type { JoinPhase } from './input.ts';

/** Waits until every component on this machine is healthy. Source: cmd/phases/join/waitcontrolplane.go. */
export const waitControlPlane: JoinPhase = {
  name: 'wait-control-plane',
  short: 'Wait until the control plane is up',
  arguments: { usage: '', maximum: 1 },
  flags: [],
  inDryRun: 'skip',
  run: async ({ join, paths, startTime }, host, context) => {
    if (join.controlPlane === undefined) return;
    const { emit, scope, signal } = context;
    const { localAPIEndpoint: endpoint } = join.controlPlane;
    const { nodeRegistration, timeouts } = join;
    const { cluster } = await scope.cluster(context);
    const watch = {
      what: waitFailed,
      criSocket: nodeRegistration.criSocket,
      components: staticPodsOf(cluster),
      since: startTime,
      signal,
    };
    // The client of the run uses the address of all control planes.
    const own = { endpoint, timeouts, kubeconfig: paths.kubeconfig, bootstrap: false };
    const client = await localClient(host, own, context);
    const wait = {
      client,
      advertiseAddress: endpoint.advertiseAddress,
      timeoutMs: timeouts.controlPlaneComponentHealthCheck,
    };
    try {
      await untilCause(host, watch, (either) =>
        closedOnAbort(client, either, () => waitForComponents(host, wait, { emit, signal: either })),
      );
    } finally {
      client.close();
    }
  },
};
