import { expect, test } from 'vitest';
import { facts, machine } from '../facts.fixture.ts';
import type { EndpointFacts, MachineFacts } from '../facts.ts';
import { endpointUnknown, endpointUnreachable, endpointWithoutRoute } from './endpoint.ts';

const without: EndpointFacts = {
  server: 'https://192.0.2.9:6443',
  host: '192.0.2.9',
  addresses: ['192.0.2.9'],
  error: 'https://192.0.2.9:6443/livez: the network is unreachable',
  hasRoute: false,
  failingMs: 20_000,
};

const find = (endpoint: Partial<EndpointFacts>, changes: Partial<MachineFacts> = {}) =>
  endpointWithoutRoute.find(
    facts({ machine: machine({ endpoint: { ...without, ...endpoint }, ...changes }) }),
  );

test('a missing route to the endpoint is named, and is a certain cause after 15 s', () => {
  expect(find({})).toMatchObject([
    {
      certainty: 'certain',
      summary:
        'this machine has no route to the control plane endpoint https://192.0.2.9:6443: the network is unreachable',
      remedy: { commands: ['ip route', 'ip route get 192.0.2.9'] },
    },
  ]);
  expect(find({ failingMs: 5_000 })).toMatchObject([{ certainty: 'likely' }]);
  const named = { server: 'https://cluster.example:6443', host: 'cluster.example' };
  expect(find(named)).toMatchObject([
    { summary: expect.stringContaining('cluster.example:6443 (192.0.2.9)') },
  ]);
});

test('an endpoint that is silent, although there is a route or nothing is known of it, does not lack one', () => {
  expect(find({ hasRoute: true })).toEqual([]);
  const { hasRoute: _, ...unknown } = without;
  expect(endpointWithoutRoute.find(facts({ machine: machine({ endpoint: unknown }) }))).toEqual([]);
});

test('an endpoint that a Pod of this machine may bring up later does not lack a route', () => {
  const health = (isHealthy: boolean) => [
    { component: 'kube-apiserver', url: '', isHealthy, answers: isHealthy, answer: '' },
  ];
  expect(find({}, { health: health(false) })).toEqual([]);
  expect(find({}, { health: health(true) })).toHaveLength(1);
  expect(find({}, { addresses: ['192.0.2.9'] })).toEqual([]);
});

test('a name that does not resolve is a certain cause after 15 s, unless the resolver is only slow', () => {
  const unknown: EndpointFacts = {
    server: 'https://cluster.example:6443',
    host: 'cluster.example',
    lookupError: 'lookup cluster.example: no such host',
    failingMs: 20_000,
  };
  const certainty = (changes: Partial<EndpointFacts>): string | undefined =>
    endpointUnknown.find(facts({ machine: machine({ endpoint: { ...unknown, ...changes } }) }))[0]?.certainty;
  expect(certainty({})).toBe('certain');
  expect(certainty({ failingMs: 14_999 })).toBe('likely');
  expect(certainty({ isLookupLate: true })).toBe('likely');
});

test('an endpoint that has answered before may be gone for a minute, and a load balancer may need half of that', () => {
  const silent = { ...without, error: 'https://192.0.2.9:6443/livez: connection refused', hasRoute: true };
  const health = { component: 'kube-apiserver', url: '', isHealthy: true, answers: true, answer: '' };
  const certainty = (failingMs: number, changes: Partial<MachineFacts> = {}): string | undefined =>
    endpointUnreachable.find(
      facts({ machine: machine({ endpoint: { ...silent, failingMs }, ...changes }) }),
    )[0]?.certainty;
  expect([certainty(59_999), certainty(60_000)]).toEqual(['likely', 'certain']);
  const own = { health: [health] };
  expect([certainty(29_999, own), certainty(30_000, own)]).toEqual(['likely', 'certain']);
});
