import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, machine, running, withRuns } from '../facts.fixture.ts';
import type { EndpointFacts, HealthFacts, MachineFacts } from '../facts.ts';
import { killedFromOutside, notRunning, repeatedFaultInLog } from './unhealthy.ts';

const sick = (component: string): HealthFacts => ({
  component,
  url: 'https://127.0.0.1',
  isHealthy: false,
  answers: true,
  answer: 'status 500 (etcd failed)',
});
const healthy = (component: string): HealthFacts => ({
  ...sick(component),
  isHealthy: true,
  answer: 'status 200',
});
const tls =
  'W1124 19:27:24.2 9 logging.go:55] grpc: failed: tls: failed to verify certificate: x509: certificate signed by unknown authority';

function names(changes: Partial<MachineFacts>, components = running) {
  return diagnose(facts({ components, machine: machine(changes) })).map(({ rule }) => rule);
}

test('a component that runs and repeats a lasting fault is a cause after 15 s', () => {
  const one = (runsForMs: number, lines: readonly string[]) => {
    const components = running.map((component) =>
      component.name === 'kube-apiserver' ? { ...component, runsForMs, runningLog: lines } : component,
    );
    return repeatedFaultInLog.find(
      facts({ components, machine: machine({ health: [sick('kube-apiserver')] }) }),
    );
  };
  expect(one(20_000, [tls, tls, tls])).toMatchObject([
    { component: 'kube-apiserver', certainty: 'certain', summary: expect.stringContaining('x509') },
  ]);
  expect(one(5_000, [tls, tls, tls])).toMatchObject([{ certainty: 'likely' }]);
  expect(one(20_000, [tls])).toEqual([]);
});

test('a component that is killed three times from outside is a likely cause', () => {
  const killed = { exitCode: 137, reason: 'Error', ranMs: 80_000 };
  expect(killedFromOutside.find(withRuns('kube-apiserver', [killed, killed, killed]))).toMatchObject([
    { certainty: 'likely', exitCode: 137 },
  ]);
  const health = [healthy('kube-apiserver')];
  const recovered = { ...withRuns('kube-apiserver', [killed, killed, killed]), machine: machine({ health }) };
  expect(killedFromOutside.find(recovered)).toEqual([]);
});

test('a component that is killed soon after its start is a certain cause, unless the machine lacks memory', () => {
  const killed = { exitCode: 137, reason: 'Error', ranMs: 6_000 };
  const twice = withRuns('kube-apiserver', [killed, killed]);
  expect(killedFromOutside.find(twice)).toMatchObject([
    {
      certainty: 'certain',
      summary: expect.stringContaining('it ran for 6 s only, so its startup or liveness probe is wrong'),
    },
  ]);
  const asked = { exitCode: 0, reason: 'Completed', ranMs: 6_000 };
  expect(killedFromOutside.find(withRuns('kube-scheduler', [asked, asked]))).toMatchObject([
    { certainty: 'certain' },
  ]);
  expect(killedFromOutside.find(withRuns('kube-apiserver', [killed]))).toEqual([]);
  const long = withRuns('kube-apiserver', [killed, { ...killed, ranMs: 40_000 }]);
  expect(killedFromOutside.find(long)).toEqual([]);
  const memoryKills = ['Out of memory: Killed process 12 (kube-apiserver) total-vm:1kB'];
  expect(killedFromOutside.find({ ...twice, machine: machine({ memoryKills }) })).toEqual([]);
});

test('symptoms are only named if no cause is known', () => {
  expect(names({ health: [healthy('etcd'), sick('kube-scheduler')] })).toEqual(['not-healthy']);
  const loopback = { up: false, hasAddress: false };
  expect(names({ loopback, health: [sick('kube-scheduler')] })).toEqual(['loopback-down']);
});

test('an endpoint that does not answer is a cause after 30 s, if the API server of this machine is healthy', () => {
  const endpoint: EndpointFacts = { server: 'https://lb:6443', host: 'lb', error: 'refused', failingMs: 0 };
  const find = (health: HealthFacts, failingMs: number) =>
    diagnose(
      facts({
        components: running,
        machine: machine({ health: [health], endpoint: { ...endpoint, failingMs } }),
      }),
    );
  expect(find(healthy('kube-apiserver'), 30_000)).toMatchObject([
    { rule: 'endpoint-unreachable', certainty: 'certain' },
  ]);
  expect(find(healthy('kube-apiserver'), 20_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(find(sick('kube-apiserver'), 20_000).map(({ rule }) => rule)).toEqual(['not-healthy']);
});

test('a healthy machine has no finding', () => {
  expect(names({ health: [healthy('etcd'), healthy('kube-apiserver')] })).toEqual([]);
});

test('a component whose Pod has just been made is only starting', () => {
  const found = (sandboxForMs: number) =>
    notRunning.find(
      facts({
        kubelet: { state: 'active', exitsEver: 0, exits: 0, runs: [] },
        components: [{ name: 'kube-proxy', state: 'no-container', exits: 0, runs: [], sandboxForMs }],
      }),
    );
  expect(found(29_000)).toEqual([]);
  expect(found(30_000)).toMatchObject([{ component: 'kube-proxy' }]);
});
