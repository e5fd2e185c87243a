import { expect, test } from 'vitest';
import { facts, machine } from '../facts.fixture.ts';
import { apiServerPort } from './api-server-port.ts';

function found(server: string, { isHealthy = true, failingMs = 15_000, addresses = ['10.0.0.4'] } = {}) {
  const url = 'https://10.0.0.4:8443/livez';
  const health = [{ component: 'kube-apiserver', url, isHealthy, answers: isHealthy, answer: '' }];
  const endpoint = { server, host: '10.0.0.4', error: 'connection refused', failingMs };
  return apiServerPort.find(facts({ machine: machine({ health, endpoint, addresses }) }));
}

test('an API server that is healthy on another port than the kubelet uses is a cause', () => {
  expect(found('https://10.0.0.4:6443')).toMatchObject([
    {
      certainty: 'certain',
      summary:
        'kube-apiserver listens on port 8443, but the kubelet connects to https://10.0.0.4:6443: connection refused',
    },
  ]);
  expect(found('https://10.0.0.4:6443', { failingMs: 14_999 })).toMatchObject([{ certainty: 'likely' }]);
  expect(found('https://10.0.0.4:8443')).toEqual([]);
  expect(found('https://10.0.0.4:6443', { isHealthy: false })).toEqual([]);
  expect(found('https://10.0.0.4:6443', { addresses: ['10.0.0.5'] })).toEqual([]);
});
