import { expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { isOnThisNode } from './on-this-node.ts';

test.each([
  ['https://10.0.0.5:6443', true],
  ['https://127.0.0.1:6443', true],
  ['https://[::1]:6443', true],
  ['https://this.example.com:6443', true],
  ['https://10.0.0.9:6443', false],
  ['https://balancer.example.com:6443', false],
  ['https://unknown.example.com', false],
  ['nonsense', false],
])('whether %s is a server of this machine: %s', async (server, expected) => {
  const host = createMemoryHost({
    names: { 'this.example.com': ['10.0.0.5'], 'balancer.example.com': ['10.0.0.9'] },
  });
  expect(await isOnThisNode(host, server)).toBe(expected);
});
