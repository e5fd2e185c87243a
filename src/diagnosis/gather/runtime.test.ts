import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { processGatherer } from './processes.ts';
import { gatherRuntime } from './runtime.ts';

const criSocket = 'unix:///run/containerd/containerd.sock';
const notReady = {
  type: 'NetworkReady',
  status: false,
  reason: 'NetworkPluginNotReady',
  message: 'Network plugin returns error: cni plugin not initialized',
};

test('a network that is not ready has the fault of its configuration, or else the words of the condition', async () => {
  const host = createMemoryHost();
  const processes = processGatherer(host);
  const look = async () =>
    (await gatherRuntime(host, host.cri(criSocket), { criSocket, silentMs: 0, processes })).network;
  expect(await look()).toMatchObject({ ready: true });
  host.runtime.conditions = [notReady];
  expect(await look()).toEqual({
    ready: false,
    message: 'NetworkPluginNotReady: Network plugin returns error: cni plugin not initialized',
  });
  const networkFault =
    'cni config load failed: failed to load CNI config list file /etc/cni/net.d/10-lab.conflist: error parsing configuration list';
  host.runtime.settings = { networkFault };
  expect(await look()).toEqual({ ready: false, message: networkFault });
});
