import { createRouterTransport } from '@connectrpc/connect';
import { expect, test } from 'vitest';

import { ImageService, RuntimeService } from './generated/cri_pb.ts';
import { createCriClient } from './grpc-cri-client.ts';

test('each call has 10 s, and a pull has no limit', async () => {
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
    service(ImageService, { pullImage: (_, context) => note('pull', context) });
  });
  const client = createCriClient('unix:///run/x.sock', { transport, close: () => undefined });
  await client.podSandboxes();
  await client.stopPodSandbox('a');
  await client.removePodSandbox('a');
  await client.pullImage('pause');
  const seconds = Object.entries(limits).map(([name, limit]) => [name, limit && Math.round(limit / 1000)]);
  expect(Object.fromEntries(seconds)).toEqual({ list: 10, stop: 10, remove: 10, pull: undefined });
});
