import { expect, test } from 'vitest';

import { conflist, partOf, readPodNodes } from './pod-network.ts';

test('each node gets a pod subnet of its own', () => {
  expect([0, 1, 255].map((index) => partOf('10.244.0.0/16', index))).toEqual([
    '10.244.0.0/24',
    '10.244.1.0/24',
    '10.244.255.0/24',
  ]);
  expect(partOf('fd00:10:244::/48', 26)).toBe('fd00:10:244:1a::/64');
  expect(partOf('fd00::/8', 1)).toBe('fd00:0:0:1::/64');
});

test.each(['10.244.0.0/24', '10.244.1.0/16', 'fd00:10:244:1::/64', 'nonsense'])(
  'the pod network %s is refused',
  (subnet) => {
    expect(() => partOf(subnet, 0)).toThrow(subnet);
  },
);

test('the pod network has a range and a default route for each family', () => {
  const { plugins } = conflist(['10.244.1.0/24', 'fd00:10:244:1::/64']) as { plugins: unknown[] };
  expect(plugins[0]).toMatchObject({
    type: 'bridge',
    ipMasq: true,
    ipam: {
      ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    },
  });
});

test('routes to other nodes use their internal addresses', () => {
  const json = JSON.stringify({
    items: [
      {
        spec: { podCIDRs: ['10.244.0.0/24'] },
        status: {
          addresses: [
            { type: 'InternalIP', address: '10.88.0.10' },
            { type: 'Hostname', address: 'n1' },
          ],
        },
      },
      { spec: {} },
    ],
  });
  expect(readPodNodes(json)).toEqual([
    { addresses: ['10.88.0.10'], podCIDRs: ['10.244.0.0/24'] },
    { addresses: [], podCIDRs: [] },
  ]);
});
