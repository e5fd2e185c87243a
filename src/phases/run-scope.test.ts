import { expect, test } from 'vitest';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { createRunScope } from './run-scope.ts';

const asker = { emit: () => undefined, signal: new AbortController().signal };

function connecting(failures = 0) {
  const counted = { made: 0, closed: 0 };
  const connect = async (): Promise<KubeClient> => {
    counted.made += 1;
    if (counted.made <= failures) throw new Error('not yet');
    const close = (): void => {
      counted.closed += 1;
    };
    return { close } as unknown as KubeClient;
  };
  return { counted, scope: createRunScope(connect) };
}

test('the client is made once for all phases that ask, and closed with the run', async () => {
  const { counted, scope } = connecting();
  const [one, other] = await Promise.all([scope.client(asker), scope.client(asker)]);
  expect(one).toBe(other);
  scope.close();
  await Promise.resolve();
  expect(counted).toEqual({ made: 1, closed: 1 });
});

test('a client that could not be made is made again for the next phase', async () => {
  const { counted, scope } = connecting(1);
  await expect(scope.client(asker)).rejects.toThrow('not yet');
  await scope.client(asker);
  expect(counted.made).toBe(2);
});

test('a run without a client has nothing to close', () => {
  const { counted, scope } = connecting();
  scope.close();
  expect(counted).toEqual({ made: 0, closed: 0 });
});
