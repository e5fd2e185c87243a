import { expect, test } from 'vitest';

import { haproxyConfig } from './balancer.ts';

test('the balancer has one server for each backend, and brackets around IPv6 addresses', () => {
  const config = haproxyConfig(
    [
      { name: 'cp1', address: '10.88.0.10' },
      { name: 'cp2', address: 'fd00:88::b' },
    ],
    6443,
  );
  expect(config.match(/^ {2}server .*$/gm)).toEqual([
    '  server cp1 10.88.0.10:6443',
    '  server cp2 [fd00:88::b]:6443',
  ]);
  expect(config).toContain('bind :::6443 v4v6');
  expect(config).toContain('mode tcp');
});
