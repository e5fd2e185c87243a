import { expect, test } from 'vitest';
import { kubeletHealthUrl } from './health.ts';

test('the health URL of the kubelet comes from its configuration, and is undefined with port 0', () => {
  expect(kubeletHealthUrl({ healthzBindAddress: '::1', healthzPort: 1 })).toBe('http://[::1]:1/healthz');
  expect(kubeletHealthUrl({})).toBe('http://127.0.0.1:10248/healthz');
  expect(kubeletHealthUrl({ healthzPort: 0 })).toBeUndefined();
});
