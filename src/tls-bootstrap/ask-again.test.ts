import { beforeAll, expect, test } from 'vitest';
import { KubeApiError, NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createTestPki, type TestPki } from '../host/machine/network/tls.fixture.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { askAgainWhenServed } from './ask-again.ts';

let pki: TestPki;
beforeAll(async () => {
  pki = await createTestPki();
});

const kubeletConf = '/etc/kubernetes/kubelet.conf';

function certified(host: MemoryHost): void {
  const { cert, key } = pki.client;
  const text = formatKubeconfig({
    currentContext: 'c',
    clusters: [{ name: 'c', server: 'https://10.0.0.6:6443' }],
    contexts: [{ name: 'c', cluster: 'c', user: 'u' }],
    users: [{ name: 'u', clientCertificateData: cert, clientKeyData: key }],
  });
  host.disk.put({ [kubeletConf]: { data: text, mode: 0o600 } });
}

const unserved = new NetError('https://10.0.0.6:6443', 'ECONNREFUSED');
const unknownToken = new KubeApiError(401, 'Unauthorized', 'the server does not know the token yet');
const served = new KubeApiError(404, 'NotFound', 'not found');

interface Machine {
  readonly host: MemoryHost;
  readonly events: KubeadmEvent[];
  readonly stop: AbortController;
  /** Answers the requests of kubeadm with these errors, of which the last one is repeated. */
  readonly run: (answers: readonly Error[]) => Promise<void>;
}

function machine(): Machine {
  const host = createMemoryHost({ services: { kubelet: { active: true, enabled: true } } });
  const events: KubeadmEvent[] = [];
  const stop = new AbortController();
  const run = async (answers: readonly Error[]): Promise<void> => {
    let asked = 0;
    const get = async (): Promise<never> => {
      asked += 1;
      throw answers[Math.min(asked, answers.length) - 1] ?? served;
    };
    const emit = (event: KubeadmEvent): void => void events.push(event);
    await askAgainWhenServed(host, { client: { get }, emit, signal: stop.signal });
  };
  return { host, events, stop, run };
}

const restarts = ({ host }: Machine) => host.gate.writes.filter(({ kind }) => kind === 'service');

test('a kubelet that was refused is restarted once when the API server knows its token', async () => {
  const node = machine();
  await node.run([unserved, unknownToken, unserved, served]);
  expect(restarts(node)).toHaveLength(1);
  expect(node.events).toEqual([{ type: 'kubelet-restarted' }]);
});

test('a kubelet whose first request finds the API server is not restarted', async () => {
  const node = machine();
  await node.run([served]);
  expect(restarts(node)).toEqual([]);
});

test('a kubelet that has its certificate by then is not restarted', async () => {
  const node = machine();
  certified(node.host);
  await node.run([unserved, served]);
  expect(restarts(node)).toEqual([]);
});

test('the wait for the API server ends without a restart when the run does', async () => {
  const node = machine();
  setImmediate(() => node.stop.abort());
  await node.run([unserved]);
  expect(restarts(node)).toEqual([]);
  expect(node.events).toEqual([]);
});

test('a restart that fails is a detail, because the kubelet asks again by itself', async () => {
  const node = machine();
  const kubelet = node.host.units.get('kubelet');
  if (kubelet !== undefined) kubelet.onStart = () => Promise.reject(new Error('no such job'));
  await node.run([unserved, served]);
  expect(node.events).toMatchObject([
    { type: 'detail', message: expect.stringContaining('unable to restart the kubelet') },
  ]);
});
