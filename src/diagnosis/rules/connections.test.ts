import { expect, test } from 'vitest';
import { facts, machine, running } from '../facts.fixture.ts';
import type { ComponentFacts, HealthFacts } from '../facts.ts';
import { cannotConnect } from './cannot-connect.ts';
import { kubeletHealthPort, manifestsElsewhere } from './kubelet-paths.ts';
import { portBlocked } from './port-blocked.ts';

const health = (component: string, isHealthy: boolean, answer = ''): HealthFacts => ({
  component,
  url: 'https://10.0.0.5:6443/livez',
  isHealthy,
  answers: isHealthy,
  answer,
});

const withApiServer = (change: Partial<ComponentFacts>) =>
  running.map((one) => (one.name === 'kube-apiserver' ? { ...one, ...change } : one));

const refused =
  'W1201 01:25:58.813947 51 logging.go:55] grpc: Err: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:9999: connect: connection refused"';

test('an API server that repeats that etcd refuses connections looks for it at a wrong address, if etcd is healthy', () => {
  const log = [refused, refused, refused];
  const found = (etcd: Partial<HealthFacts>, runningLog = log, runsForMs = 10_000) =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog, runsForMs }),
        machine: machine({
          health: [{ ...health('etcd', true), ...etcd }, health('kube-apiserver', false)],
        }),
      }),
    );
  const long = { healthyMs: 21_000 };
  expect(found(long)).toMatchObject([
    {
      certainty: 'certain',
      component: 'kube-apiserver',
      summary: expect.stringMatching(/cannot connect to etcd at 127\.0\.0\.1:9999 \(connection refused\)/),
    },
  ]);
  // An API server that was started before etcd asks again in some seconds.
  expect(found({ healthyMs: 3_000 })).toMatchObject([{ certainty: 'likely' }]);
  expect(found(long, log, 22_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(long, [refused])).toEqual([]);
  expect(found(long, [...log, ...Array.from({ length: 4 }, () => 'serving')])).toEqual([]);
  expect(found({ isHealthy: false })).toEqual([]);
});

test('an address of etcd that refuses kubeadm, too, is wrong, whenever the API server was started', () => {
  const found = (healthyMs: number, outcome: 'refused' | 'accepted' = 'refused', etcdRunsForMs = 12_000) =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog: [refused, refused, refused], runsForMs: 60_000 }).map(
          (one) => (one.name === 'etcd' ? { ...one, runsForMs: etcdRunsForMs } : one),
        ),
        machine: machine({
          health: [{ ...health('etcd', true), healthyMs }, health('kube-apiserver', false)],
        }),
        connections: { '127.0.0.1:9999': outcome },
      }),
    );
  expect(found(5_000)).toMatchObject([{ certainty: 'certain' }]);
  expect(found(4_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(5_000, 'refused', 4_000)).toEqual([]);
  expect(found(5_000, 'accepted')).toEqual([]);
});

test('an API server cannot connect to the etcd of its manifest if kubeadm cannot either, before its log says so', () => {
  const servers = ['127.0.0.1:2399', '127.0.0.1:2398'];
  const found = (outcomes: readonly ('refused' | 'accepted' | 'silent')[], isHealthy = false) =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog: ['starting'], runsForMs: 12_000 }),
        machine: machine({
          health: [{ ...health('etcd', true), healthyMs: 10_000 }, health('kube-apiserver', isHealthy)],
          etcdServers: servers,
        }),
        connections: Object.fromEntries(outcomes.map((outcome, index) => [servers[index] ?? '', outcome])),
      }),
    );
  expect(found(['refused', 'silent'])).toMatchObject([
    {
      certainty: 'certain',
      evidence: [],
      summary: expect.stringContaining('cannot connect to etcd at 127.0.0.1:2399 (connection refused)'),
    },
  ]);
  expect(found(['silent', 'silent'])).toMatchObject([{ summary: expect.stringContaining('(no answer)') }]);
  expect(found(['refused', 'accepted'])).toEqual([]);
  expect(found(['refused'])).toEqual([]);
  expect(found(['refused', 'refused'], true)).toEqual([]);
});

test('an API server whose connections to etcd get no answer is behind a firewall, whenever it was started', () => {
  const dial = (why: string) => `transport: Error while dialing: dial tcp 127.0.0.1:2379: ${why}`;
  const log = [
    dial('operation was canceled'),
    dial('i/o timeout'),
    dial('operation was canceled'),
    'E1201 09:09:05.058462 1 run.go:72] "command failed" err="error creating storage factory: context deadline exceeded"',
  ];
  const found = (healthyMs: number, lines = log) =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog: lines, runsForMs: 60_000 }),
        machine: machine({
          health: [{ ...health('etcd', true), healthyMs }, health('kube-apiserver', false)],
        }),
      }),
    );
  expect(found(12_000)).toMatchObject([
    { certainty: 'certain', summary: expect.stringContaining('127.0.0.1:2379 (no answer)') },
  ]);
  expect(found(5_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(12_000, [dial('operation was canceled'), ...log.slice(2)])).toEqual([]);
});

test('an API server that gave up connections that kubeadm can make is not cut off from etcd', () => {
  // An API server that starts on a busy machine gives up the connections of clients that it does not need any more.
  const line =
    'W1201 13:00:58.908185       1 logging.go:55] [core] [Channel #132 SubChannel #133] grpc: addrConn.createTransport failed to connect to {Addr: "127.0.0.1:2379", ServerName: "127.0.0.1:2379", }. Err: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2379: operation was canceled"';
  const found = (outcome: 'accepted' | 'silent') =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog: [line, line, line], runsForMs: 30_000 }),
        machine: machine({
          health: [{ ...health('etcd', true), healthyMs: 60_000 }, health('kube-apiserver', false)],
        }),
        connections: { '127.0.0.1:2379': outcome },
      }),
    );
  expect(found('silent')).toMatchObject([{ certainty: 'certain' }]);
  expect(found('accepted')).toEqual([]);
});

test.each([
  'E1201 09:09:05.058462 1 remote_available_controller.go:448] "Unhandled Error" err="v1beta1.metrics.k8s.io failed with: failing or missing response from https://10.96.0.7:443/apis/metrics.k8s.io/v1beta1: Get \\"https://10.96.0.7:443/apis/metrics.k8s.io/v1beta1\\": dial tcp 10.96.0.7:443: i/o timeout"',
  'W1201 09:09:05.058462 1 dispatcher.go:225] Failed calling webhook, failing open a.example: failed calling webhook "a.example": failed to call webhook: Post "https://a.b.svc:443/?timeout=10s": dial tcp 10.96.0.8:443: connect: connection refused',
])('an API server that cannot connect to a server of another kind can connect to etcd', (line) => {
  const found = cannotConnect.find(
    facts({
      components: withApiServer({ runningLog: [line, line, line], runsForMs: 30_000 }),
      machine: machine({
        health: [{ ...health('etcd', true), healthyMs: 60_000 }, health('kube-apiserver', false)],
      }),
    }),
  );
  expect(found).toEqual([]);
});

test('an API server that could not connect before etcd started is not a cause yet', () => {
  const found = (runsForMs: number) =>
    cannotConnect.find(
      facts({
        components: withApiServer({ runningLog: [refused, refused, refused] }).map((one) =>
          one.name === 'etcd' ? { ...one, runsForMs } : one,
        ),
        machine: machine({ health: [health('etcd', true), health('kube-apiserver', false)] }),
      }),
    );
  expect(found(19_000)).toEqual([]);
  expect(found(20_000)).toHaveLength(1);
});

test('an API server that ended before etcd was healthy is only likely to look for it at a wrong address', () => {
  const now = 1_000_000;
  const found = (endedAt: number) =>
    cannotConnect.find(
      facts({
        components: withApiServer({
          state: 'exited',
          runs: [
            {
              attempt: 2,
              exitCode: 1,
              reason: 'Error',
              message: '',
              ranMs: 5_000,
              endedAt,
              log: [refused, refused, refused],
            },
          ],
        }),
        machine: machine({
          now,
          health: [{ ...health('etcd', true), healthyMs: 30_000 }, health('kube-apiserver', false)],
        }),
      }),
    );
  // The kubelet waits up to five minutes before it starts it again.
  expect(found(now - 35_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(now - 26_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(found(now - 20_000)).toMatchObject([{ certainty: 'certain' }]);
});

test('a component that listens and whose port is silent is behind a firewall', () => {
  const of = (change: object) =>
    portBlocked.find(
      facts({
        components: withApiServer({ runsForMs: 20_000 }),
        machine: machine({ health: [{ ...health('kube-apiserver', false, 'no answer'), isSilent: true }] }),
        listeners: [{ address: '*', port: 6443 }],
        ...change,
      }),
    );
  expect(of({})).toMatchObject([{ component: 'kube-apiserver', certainty: 'certain' }]);
  expect(of({ listeners: [] })).toEqual([]);
  expect(of({ components: withApiServer({ runsForMs: 4_000 }) })).toEqual([]);
  expect(of({ machine: machine({ health: [health('kube-apiserver', false)] }) })).toEqual([]);
});

test('a kubelet that reads another directory starts no static Pod', () => {
  const found = (staticPodPath: string, change: object = {}) =>
    manifestsElsewhere.find(facts({ machine: machine({ staticPodPath }), elapsedMs: 20_000, ...change }));
  expect(found('/etc/other')).toMatchObject([
    { certainty: 'certain', summary: expect.stringMatching(/staticPodPath .* is \/etc\/other/) },
  ]);
  expect(found('')).toMatchObject([{ summary: expect.stringContaining('is not set') }]);
  expect(found('/etc/other', { elapsedMs: 10_000 })).toMatchObject([{ certainty: 'likely' }]);
  expect(found('/etc/kubernetes/manifests/')).toEqual([]);
  expect(found('/etc/other', { components: running })).toEqual([]);
  expect(found('/etc/other', { components: [] })).toEqual([]);
});

test('a kubelet that cannot listen for its health names the program that does', () => {
  const failure = {
    kind: 'health-port' as const,
    message: 'listen tcp 127.0.0.1:10248: bind: address already in use',
    at: 0,
  };
  const found = (isHealthy: boolean, program: string, change: object = {}) =>
    kubeletHealthPort.find(
      facts({
        machine: machine({ health: [health('kubelet', isHealthy)] }),
        nodeFailures: [failure, failure, failure],
        listeners: [{ address: '127.0.0.1', port: 10248, program, pid: 7 }],
        ...change,
      }),
    );
  expect(found(false, 'python3')).toMatchObject([
    { certainty: 'certain', summary: expect.stringMatching(/port 10248 .*python3 \(process 7\) uses it/) },
  ]);
  expect(found(false, 'kubelet')).toMatchObject([{ certainty: 'likely' }]);
  // The kubelet tries again, so a program that ends in time is not a cause.
  expect(found(false, 'python3', { nodeFailures: [failure, failure] })).toMatchObject([
    { certainty: 'likely' },
  ]);
  expect(found(false, 'python3', { listeners: [] })).toMatchObject([{ certainty: 'likely' }]);
  expect(found(true, 'python3')).toEqual([]);
});
