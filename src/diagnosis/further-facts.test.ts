import { expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { facts, machine, running } from './facts.fixture.ts';
import { gatherFurther } from './further-facts.ts';

const line =
  'W1201 01:25:58.813947 51 logging.go:55] grpc: Err: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused"';

test.each([
  ['of an API server that is not healthy', false, { '[::1]:2399': 'refused', '127.0.0.1:2379': 'refused' }],
  ['of no healthy API server', true, undefined],
])('kubeadm tries the connections %s', async (_, isHealthy, expected) => {
  const host = createMemoryHost();
  const health = ['etcd', 'kube-apiserver'].map((component) => ({
    component,
    url: 'https://127.0.0.1',
    isHealthy: component === 'etcd' || isHealthy,
    answers: true,
    answer: '',
  }));
  const seen = facts({
    components: running.map((one) =>
      one.name === 'kube-apiserver' ? { ...one, runningLog: [line, line, line] } : one,
    ),
    machine: machine({ health, etcdServers: ['[::1]:2399'] }),
  });
  const gather = async () =>
    (await gatherFurther(host, host.cri(seen.criSocket), { ...seen, depth: 'machine' })).connections;
  expect(await gather()).toEqual(expected);
  host.machine.listening.add(2379);
  expect(await gather()).toEqual(expected && { '[::1]:2399': 'refused', '127.0.0.1:2379': 'accepted' });
});
