import { createRouterTransport } from '@connectrpc/connect';
import { expect, test } from 'vitest';

import { RuntimeService } from './generated/cri_pb.ts';
import { createCriClient } from './grpc-cri-client.ts';

test('the calls that remove a Pod have more time than the others', async () => {
  const limits: Record<string, number | undefined> = {};
  const note = (name: string, { timeoutMs }: { readonly timeoutMs: () => number | undefined }) => {
    limits[name] = timeoutMs();
    return {};
  };
  const transport = createRouterTransport(({ service }) => {
    service(RuntimeService, {
      listPodSandbox: (_, context) => note('list', context),
      stopPodSandbox: (_, context) => note('stop', context),
      removePodSandbox: (_, context) => note('remove', context),
    });
  });
  const client = createCriClient('unix:///run/x.sock', { transport, close: () => undefined });
  await client.podSandboxes();
  await client.stopPodSandbox('a');
  await client.removePodSandbox('a');
  const seconds = Object.entries(limits).map(([name, limit = 0]) => [name, Math.round(limit / 1000)]);
  expect(Object.fromEntries(seconds)).toEqual({ list: 2, stop: 10, remove: 10 });
});
