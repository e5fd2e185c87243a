import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../../events.ts';
import { createMemoryHost } from '../../host/memory/index.ts';
import type { Host } from '../../host.ts';
import { flattenPhases } from '../../workflow/phase.ts';
import { runPhases } from '../../workflow/run.ts';
import { selectPhases } from '../../workflow/select.ts';
import { withPlannedKeys } from '../planned-keys.ts';
import { initPhases } from './index.ts';
import { type InputChanges, initContext, initInput } from './input.fixture.ts';
import { keyPlan } from './key-plan.ts';

const external = { endpoints: [], httpEndpoints: [], caFile: '/a', certFile: '/b', keyFile: '/c' };
const input = (changes: InputChanges = {}) =>
  initInput({ cluster: { encryptionAlgorithm: 'ECDSA-P256', ...changes.cluster } });

/** The host, and the number of keys that were requested from it. */
function counting(host: Host) {
  const counted = { made: 0 };
  const generate: Host['keys']['generate'] = (algorithm) => {
    counted.made++;
    return host.keys.generate(algorithm);
  };
  return { counted, host: { ...host, keys: { generate } } };
}

async function run(host: Host, only: readonly string[], from = input()): Promise<unknown> {
  const selected = selectPhases(initPhases, { only });
  const { scope, signal } = initContext(from, host, () => undefined);
  const options = { selected, scope, record: () => undefined, signal };
  return await runPhases(initPhases, from, host, options).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const parts = flattenPhases(initPhases)
  .map(({ fullName }) => fullName)
  .filter((name) => /^(certs|kubeconfig)\//.test(name));

describe('the planned keys', () => {
  test('are those of a whole run on an empty machine', async () => {
    const all = selectPhases(initPhases, {});
    const host = createMemoryHost();
    expect(await keyPlan(input(), host, all)).toEqual({ algorithm: 'ECDSA-P256', count: 16 });
    const withoutEtcd = input({ cluster: { etcd: { external } } });
    expect(await keyPlan(withoutEtcd, host, all)).toEqual({ algorithm: 'ECDSA-P256', count: 11 });
  });

  test('are as many as the selected phases make, whatever is there, and never fewer than they take', async () => {
    const full = createMemoryHost();
    expect(await run(full, ['certs', 'kubeconfig'])).toBeUndefined();
    const files = Object.entries(full.snapshot()).filter(
      ([path]) => path.startsWith('/etc/kubernetes/') && !path.endsWith('/'),
    );
    await fc.assert(
      fc.asyncProperty(fc.subarray(parts, { minLength: 1 }), fc.subarray(files), async (only, there) => {
        const given = there.map(([path, { text }]) => [path, text ?? ''] as const);
        const { host, counted } = counting(createMemoryHost({ files: Object.fromEntries(given) }));
        const { count } = await keyPlan(input(), host, selectPhases(initPhases, { only }));
        const error = await run(host, only);
        if (error === undefined) expect(counted.made).toBe(count);
        else expect(counted.made).toBeLessThanOrEqual(count);
      }),
      { numRuns: 150 },
    );
  });

  test('are begun before a phase asks for them, write nothing, and leave none over', async () => {
    const { host, counted } = counting(createMemoryHost({ cpus: 16 }));
    const before = createMemoryHost().snapshot();
    const events: KubeadmEvent[] = [];
    const emit = (event: KubeadmEvent): void => void events.push(event);
    const selected = selectPhases(initPhases, { only: ['certs'] });
    const plan = await keyPlan(input(), host, selected);
    await withPlannedKeys({ host, plan, emit }, async (keyed) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(counted.made).toBe(11);
      expect((host as ReturnType<typeof createMemoryHost>).snapshot()).toEqual(before);
      expect(await run(keyed, ['certs'])).toBeUndefined();
    });
    expect(counted.made).toBe(11);
    expect(events[0]).toEqual({ type: 'keys-making', algorithm: 'ECDSA-P256', count: 11 });
    expect(events.slice(1).map((event) => event.type === 'key-made' && event.made)).toEqual(
      Array.from({ length: 11 }, (_, index) => index + 1),
    );
  });

  test('are not begun any more once the run has ended', async () => {
    const { host, counted } = counting(createMemoryHost({ cpus: 2 }));
    const selected = selectPhases(initPhases, { only: ['certs'] });
    const emit = (): void => undefined;
    const plan = await keyPlan(input(), host, selected);
    const refused = withPlannedKeys({ host, plan, emit }, async () => {
      throw new Error('a check failed');
    });
    await expect(refused).rejects.toThrow('a check failed');
    await new Promise((resolve) => setImmediate(resolve));
    expect(counted.made).toBeLessThanOrEqual(2);
  });
});
