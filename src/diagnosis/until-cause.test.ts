import { expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { untilCause } from './until-cause.ts';

test('a fault of the diagnosis does not end the wait, and -v 1 shows the fault', async () => {
  const memory = createMemoryHost();
  const sleep = async (): Promise<void> => await Promise.reject(new TypeError('a fault in the diagnosis'));
  const { promise: shown, resolve } = Promise.withResolvers<string>();
  await untilCause(
    { ...memory, clock: { ...memory.clock, sleep } },
    {
      what: 'etcd did not come up',
      criSocket: 'unix:///run/x.sock',
      wording: 'upgrade',
      components: ['etcd'],
      endingPods: new Set(),
      emit: (event) => {
        if (event.type === 'detail') resolve(event.message);
      },
      wait: async () => void (await shown),
    },
  );
  expect(await shown).toBe('the diagnosis has failed: a fault in the diagnosis');
});

test('a diagnosis that cannot begin does not end the wait', async () => {
  const memory = createMemoryHost();
  const cri = (): never => {
    throw new TypeError('a fault in the diagnosis');
  };
  const shown: string[] = [];
  await untilCause(
    { ...memory, cri },
    {
      what: 'etcd did not come up',
      criSocket: 'unix:///run/x.sock',
      components: ['etcd'],
      wording: 'upgrade',
      endingPods: new Set(),
      emit: (event) => void (event.type === 'detail' && shown.push(event.message)),
      wait: async () => await Promise.resolve(),
    },
  );
  expect(shown).toEqual(['the diagnosis has failed: a fault in the diagnosis']);
});
