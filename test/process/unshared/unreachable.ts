/** Why an address is unreachable, in a network namespace with one link that has no other machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { createMachineHost } from '../../../src/host/machine/index.ts';

const { kube, net } = createMachineHost();
const ip = (command: string): unknown => execFileSync('ip', command.split(' '));
ip('link set lo up');
ip('link add here type veth peer name there');
ip('address add 192.0.2.1/24 dev here');
ip('address add 2001:db8::1/64 dev here nodad');
ip('link set here up');
ip('link set there up');
ip('route add unreachable 203.0.113.0/24');

const cases: readonly (readonly [string, string, RegExp])[] = [
  ['198.51.100.1', 'ENETUNREACH', /the network is unreachable$/],
  ['[2001:db9::1]', 'ENETUNREACH', /the network is unreachable$/],
  ['203.0.113.1', 'EHOSTUNREACH', /no route to host$/],
  ['192.0.2.9', 'EHOSTUNREACH', /no route to host$/],
  ['[2001:db8::9]', 'EHOSTUNREACH', /no route to host$/],
  ['192.0.2.1', 'ECONNREFUSED', /connection refused: nothing listens there$/],
  ['[::1]', 'ECONNREFUSED', /connection refused: nothing listens there$/],
];
for (const [host, reason, message] of cases) {
  const server = `https://${host}:6443`;
  test(`${host} fails with ${reason}`, async () => {
    const kubeconfig = {
      currentContext: 'a',
      contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
      clusters: [{ name: 'c', server, insecureSkipTlsVerify: true }],
      users: [{ name: 'u' }],
    };
    const client = kube(kubeconfig);
    await assert.rejects(client.get({ apiVersion: 'v1', kind: 'Node', name: 'x' }), { reason, message });
    client.close();
    // An address that does not answer is tried once, because the kernel takes 3 s to give up.
    if (host.endsWith('9') || host.endsWith('9]')) return;
    await assert.rejects(net.get(`${server}/livez`, { timeoutMs: 8000, ca: false }), { reason, message });
  });
}

test('a client can connect to an IPv6 address with a zone', async () => {
  execFileSync('sh', ['-c', 'sleep 2']);
  const link = /fe80::[\da-f:]+/.exec(String(execFileSync('ip', ['-6', 'address', 'show', 'here'])))?.[0];
  const kubeconfig = {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: `https://[${link}%25here]:6443` }],
    users: [{ name: 'u' }],
  };
  const client = kube(kubeconfig);
  await assert.rejects(client.raw('/livez'), { reason: 'ECONNREFUSED' });
  client.close();
});
