import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../../../host/memory/index.ts';
import { findKernelConfig } from './kernel.ts';
import { withKernelConfig } from './kernel-module.ts';

function machine(options: Parameters<typeof createMemoryHost>[0] = {}) {
  const host = createMemoryHost({
    ...options,
    programs: {
      modprobe: (args) => {
        if (args[0] === 'configs') host.disk.put({ '/proc/config.gz': 'x' });
        return {};
      },
      ...options.programs,
    },
  });
  return host;
}

describe('withKernelConfig', () => {
  test('loads the module only while the checks run', async () => {
    const host = machine();
    const seen = await withKernelConfig(host, () => findKernelConfig(host));
    expect(seen).toBe('/proc/config.gz');
    expect(host.programs.calls.map(({ args }) => args)).toEqual([['configs'], ['-r', 'configs']]);
  });

  test('unloads it after a failure', async () => {
    const host = machine();
    await expect(withKernelConfig(host, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(host.programs.calls).toHaveLength(2);
  });

  test('leaves a machine alone that has the file', async () => {
    const host = machine({ files: { '/boot/config-6.1.0': '' } });
    expect(await withKernelConfig(host, async () => 1)).toBe(1);
    expect(host.programs.calls).toEqual([]);
  });

  test('goes on when the module cannot be loaded', async () => {
    const host = machine({ programs: { modprobe: { code: 1 } } });
    expect(await withKernelConfig(host, async () => 1)).toBe(1);
    expect(host.programs.calls).toHaveLength(1);
    const bare = createMemoryHost();
    expect(await withKernelConfig(bare, async () => 2)).toBe(2);
  });
});
