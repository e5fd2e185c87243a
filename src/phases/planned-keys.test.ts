import { expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import type { Host, KeyAlgorithm } from '../host.ts';
import { withPlannedKeys } from './planned-keys.ts';

function counting(cpus: number) {
  const made: KeyAlgorithm[] = [];
  const memory = createMemoryHost({ cpus });
  const generate: Host['keys']['generate'] = (algorithm) => {
    made.push(algorithm);
    return memory.keys.generate(algorithm);
  };
  return { made, host: { ...memory, keys: { generate } } };
}

test('keys of an algorithm that was not foreseen are generated in parallel from the first one on', async () => {
  const { host, made } = counting(4);
  const events: KubeadmEvent[] = [];
  const plan = { algorithm: 'ECDSA-P256', count: 3 } as const;
  await withPlannedKeys({ host, plan, emit: (event) => void events.push(event) }, async ({ keys }) => {
    await keys.generate('ECDSA-P384');
    expect(made.filter((algorithm) => algorithm === 'ECDSA-P384')).toHaveLength(3);
    await keys.generate('ECDSA-P384');
    await keys.generate('ECDSA-P256');
    await keys.generate('ECDSA-P384');
  });
  expect(made.filter((algorithm) => algorithm === 'ECDSA-P384')).toHaveLength(3);
  const plans = events.filter(({ type }) => type === 'keys-making');
  expect(plans).toEqual([
    { type: 'keys-making', algorithm: 'ECDSA-P256', count: 3 },
    { type: 'keys-making', algorithm: 'ECDSA-P384', count: 3 },
  ]);
});
