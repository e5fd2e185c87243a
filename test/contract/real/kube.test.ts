import { afterAll, beforeAll } from 'vitest';

import { createMachineHost } from '../../../src/host/machine/index.ts';
import type { Kubeconfig } from '../../../src/kubeconfig/kubeconfig.ts';
import { createServers, type Servers, startApiServer } from '../../support/servers.ts';
import { kubeContract } from '../kube-contract.ts';

const { kube } = createMachineHost();
let servers: Servers;
let kubeconfig: Kubeconfig;

beforeAll(async () => {
  servers = await createServers();
  kubeconfig = await startApiServer(servers);
});
afterAll(async () => await servers.close());

kubeContract('of a real kube-apiserver', () => kube(kubeconfig));
