import { describe, expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { hostname } from './hostname.ts';

describe('Hostname', () => {
  test.each(['node1', 'Node_1.example', 'a', 'example.com/node'])('takes %s', async (name) => {
    expect(hostname(name).name).toBe('Hostname');
    expect(await verdict(hostname(name), { names: { [name]: ['10.0.0.5'] } })).toEqual(clean);
  });

  test.each([
    ['-node', 1],
    ['node.', 1],
    ['a/b/c', 1],
    ['Bad_Prefix/node', 1],
    ['/node', 1],
    ['', 2],
    ['x'.repeat(64), 1],
    ['a/', 2],
  ])('warns of the name %j', async (name, count) => {
    const { errors, warnings } = await verdict(hostname(name), { names: { [name]: ['10.0.0.5'] } });
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(count);
  });

  test('warns twice of a name without address', async () => {
    const { warnings } = await verdict(hostname('elsewhere'));
    expect(warnings).toEqual([
      expect.stringMatching(/^hostname "elsewhere" could not be reached/),
      expect.stringMatching(/^hostname "elsewhere": .*no such host/),
    ]);
    expect((await verdict(hostname('node2'), { names: { node2: [] } })).warnings).toHaveLength(1);
  });
});
