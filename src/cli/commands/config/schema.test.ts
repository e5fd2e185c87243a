import { expect, test } from 'vitest';

import { createMemoryHost } from '../../../host/memory/index.ts';
import { run } from '../../command.fixture.ts';

async function schema(...argv: readonly string[]) {
  return await run(createMemoryHost(), ['config', 'schema', ...argv]);
}

test('the schema has all kinds, or the kind of --kind', async () => {
  const { code, stderr, stdout } = await schema();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(Object.keys(JSON.parse(stdout).$defs)).toEqual([
    'InitConfiguration',
    'ClusterConfiguration',
    'JoinConfiguration',
    'ResetConfiguration',
    'UpgradeConfiguration',
    'KubeletConfiguration',
    'KubeProxyConfiguration',
  ]);
  const one = JSON.parse((await schema('--kind', 'JoinConfiguration')).stdout);
  expect(Object.keys(one.$defs)).toEqual(['JoinConfiguration']);
  expect(one.properties.kind.enum).toEqual(['JoinConfiguration']);
});

test('an unknown kind is refused with the known ones', async () => {
  const { code, stderr, stdout } = await schema('--kind', 'initconfiguration');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    'error: unknown kind "initconfiguration"\nhint: The kinds are InitConfiguration, ',
  );
});
