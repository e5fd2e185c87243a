import { closedOnAbort, localClient } from '../../cluster/client.ts';
import {
  staticPodsOf,
  waitForComponents,
  waitForKubeletAndApiServer,
} from '../../cluster/wait-for-control-plane.ts';
import { clientOptions } from './api.ts';
import type { InitPhase } from './input.ts';

/** Waits until the API server accepts an administrator's calls. Phases that only need this start after it. */
const apiServer: InitPhase = {
  name: 'api-server',
  short: 'Wait until the API server can be used',
  hidden: true,
  inDryRun: 'skip',
  run: async (input, host, context) => {
    const { criSocket } = input.init.nodeRegistration;
    const wait = {
      kubelet: input.kubelet.data,
      timeouts: input.init.timeouts,
      criSocket,
      components: staticPodsOf(input.cluster),
      connect: context.scope.client,
    };
    await waitForKubeletAndApiServer(host, wait, context);
  },
};

const components: InitPhase = {
  name: 'components',
  short: 'Wait until every component is healthy',
  hidden: true,
  inDryRun: 'skip',
  run: async (input, host, context) => {
    const { localAPIEndpoint, timeouts } = input.init;
    // It needs its own client, which is closed when the wait ends early, while other phases still use that of the run.
    const client = await localClient(host, clientOptions(input, false), context);
    const wait = {
      client,
      advertiseAddress: localAPIEndpoint.advertiseAddress,
      timeoutMs: timeouts.controlPlaneComponentHealthCheck,
    };
    try {
      await closedOnAbort(client, context.signal, () => waitForComponents(host, wait, context));
    } finally {
      client.close();
    }
  },
};

/** Waits until the kubelet, the API server and the other components answer, so that later phases can rely on them. */
export const waitControlPlane: InitPhase = {
  name: 'wait-control-plane',
  short: 'Wait until the control plane is up',
  flags: [],
  children: [apiServer, components],
};
