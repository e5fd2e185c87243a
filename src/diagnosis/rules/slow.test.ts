import { expect, test } from 'vitest';
import { facts, machine, running } from '../facts.fixture.ts';
import type { ComponentFacts, HealthFacts } from '../facts.ts';
import { processorLimit, slowEtcd } from './slow.ts';

const health = (component: string, isHealthy: boolean): HealthFacts => ({
  component,
  url: '',
  isHealthy,
  answers: isHealthy,
  answer: '',
});
const changed = (name: string, change: Partial<ComponentFacts>) =>
  running.map((one) => (one.name === name ? { ...one, ...change } : one));

test('a small limit of processor time explains a component that is not healthy after 15 s, and never ends a wait', () => {
  const found = (limit: number, runsForMs: number, isHealthy = false) =>
    processorLimit.find(
      facts({
        components: changed('kube-apiserver', { runsForMs }),
        machine: machine({
          health: [health('kube-apiserver', isHealthy)],
          cpuLimits: { 'kube-apiserver': limit },
        }),
      }),
    );
  expect(found(10, 16_000)).toMatchObject([
    { certainty: 'likely', summary: expect.stringContaining('limits it to 10m of processor time') },
  ]);
  expect(found(100, 16_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(10, 5_000)).toEqual([]);
  expect(found(10, 16_000, true)).toEqual([]);
  expect(found(500, 16_000)).toEqual([]);
});

test('a slow etcd explains another component that is not healthy, and never ends a wait', () => {
  const line = '{"level":"warn","msg":"slow fdatasync","took":"1.2s","expected-duration":"1s"}';
  const found = (lines: number, isHealthy: boolean) =>
    slowEtcd.find(
      facts({
        components: changed('etcd', { runningLog: Array.from({ length: lines }, () => line) }),
        machine: machine({ health: [health('etcd', true), health('kube-apiserver', isHealthy)] }),
      }),
    );
  expect(found(5, false)).toMatchObject([
    { component: 'etcd', certainty: 'likely', summary: expect.stringContaining('slow fdatasync') },
  ]);
  expect(found(4, false)).toEqual([]);
  expect(found(5, true)).toEqual([]);
});

test('old messages of etcd, requests that take less than a second, and a kubelet that is not healthy do not make etcd slow', () => {
  const now = Date.parse('2026-12-01T08:46:00Z');
  const found = (ts: string, component: string, took = '1.113972179s') =>
    slowEtcd.find(
      facts({
        components: changed('etcd', {
          runningLog: Array.from(
            { length: 5 },
            () => `{"level":"warn","ts":"${ts}","msg":"apply request took too long","took":"${took}"}`,
          ),
        }),
        machine: machine({ now, health: [health('etcd', true), health(component, false)] }),
      }),
    );
  expect(found('2026-12-01T08:45:15.491117Z', 'kube-apiserver')).toHaveLength(1);
  expect(found('2026-12-01T08:45:15.491117Z', 'kube-apiserver', '113.972179ms')).toEqual([]);
  expect(found('2026-12-01T08:43:15.491117Z', 'kube-apiserver')).toEqual([]);
  expect(found('2026-12-01T08:45:15.491117Z', 'kubelet')).toEqual([]);
});
