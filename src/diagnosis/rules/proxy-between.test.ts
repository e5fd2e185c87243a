import { expect, test } from 'vitest';
import { facts, machine, withRuns } from '../facts.fixture.ts';
import type { Facts, MachineFacts } from '../facts.ts';
import { asksForProxies, proxyBetween } from './proxy-between.ts';

const endpoint = { server: 'https://10.0.0.5:6443', host: '10.0.0.5', failingMs: 0 };
const proxyOf = (program: string, noProxy = 'localhost') => ({
  program,
  proxy: 'http://10.0.0.9:3128',
  noProxy,
});
const register = (message: string, times = [0]): Partial<Facts> => ({
  nodeFailures: times.map((at) => ({ kind: 'register', message, at })),
});
const find = (more: Partial<Facts>, changes: Partial<MachineFacts> = {}) =>
  proxyBetween.find(facts({ machine: machine({ endpoint, ...changes }), ...more }));

const post = 'Post "https://10.0.0.5:6443/api/v1/nodes": ';
const refused = 'proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused';

test('a kubelet whose requests fail at its proxy gets the address for NO_PROXY', () => {
  expect(find({ proxies: [proxyOf('kubelet')], ...register(post + refused) })).toMatchObject([
    {
      component: 'kubelet',
      certainty: 'likely',
      summary: `the kubelet sends its requests to https://10.0.0.5:6443 through the proxy http://10.0.0.9:3128, and they fail: ${refused}`,
      remedy: {
        text: expect.stringContaining('Add 10.0.0.5 '),
        commands: ['systemctl edit kubelet', 'systemctl restart kubelet'],
      },
    },
  ]);
});

test.each([
  ['Forbidden', [0, 20_000], 'certain'],
  ['Forbidden', [0, 5_000], 'likely'],
  // The proxy can pass it on as soon as the API server answers.
  ['Bad Gateway', [0, 20_000], 'likely'],
])('a proxy that answers %s at %j is a cause that is %s', (answer, times, certainty) => {
  expect(find({ proxies: [proxyOf('kubelet')], ...register(post + answer, times) })).toMatchObject([
    { certainty },
  ]);
});

test.each([
  ['NO_PROXY has the server', { proxies: [proxyOf('kubelet', '10.0.0.0/24')] }, {}],
  ['another program has the proxy', { proxies: [proxyOf('containerd')] }, {}],
  ['the Node is registered', {}, { node: { name: 'n', exists: true, problems: [] } }],
  ['the API server does not answer without a proxy', {}, { endpoint: { ...endpoint, error: 'refused' } }],
  ['the kubelet connected to the server itself', register(`${post}dial tcp 10.0.0.5:6443: i/o timeout`), {}],
  [
    'the kubelet looked up the server itself',
    register(`${post}dial tcp: lookup c.example: no such host`),
    {},
  ],
  ['the kubelet was connected to it', register(`${post}read tcp 10.0.0.6:4242->10.0.0.5:6443: EOF`), {}],
  ['the API server refused it', register('nodes is forbidden: User "system:node:n" cannot create'), {}],
])('a proxy is not a cause if %s', (_, more, changes) => {
  const failing = { proxies: [proxyOf('kubelet')], ...register(post + refused) };
  expect(find({ ...failing, ...more }, changes)).toEqual([]);
});

test('a kubelet that the API server no longer hears has a proxy as the likely cause, unless it has just started', () => {
  const problems = [
    { type: 'Ready', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
  ];
  const node = { name: 'n', exists: true, problems };
  const unheard = (ranMs: number, noProxy = '', isHealthy = true) => {
    const unit = {
      load: 'loaded',
      state: 'active',
      result: 'success',
      exitCode: 0,
      since: machine().now - ranMs,
    };
    const health = [{ component: 'kubelet', url: '', isHealthy, answers: true, answer: '' }];
    const kubelet = { state: 'active', unit, exitsEver: 0, exits: 0, runs: [] };
    return find({ proxies: [proxyOf('kubelet', noProxy)], kubelet }, { node, health });
  };
  expect(unheard(300_000)).toMatchObject([{ certainty: 'likely' }]);
  expect(unheard(30_000)).toEqual([]);
  expect(unheard(300_000, '10.0.0.5')).toEqual([]);
  expect(unheard(300_000, '', false)).toEqual([]);
});

test('a network plug-in that the proxy of containerd keeps from the API server is named', () => {
  const message =
    'plugin type="calico" failed (add): error getting ClusterInformation: Get "https://10.96.0.1:443/apis/crd.projectcalico.org/v1/clusterinformations/default": Service Unavailable';
  const sandboxes = [{ pod: 'default/web', message, at: 0 }];
  expect(find({ proxies: [proxyOf('containerd')], sandboxes })).toMatchObject([
    {
      component: 'containerd',
      summary: expect.stringMatching(/https:\/\/10\.96\.0\.1:443 .* fail: Service Unavailable$/),
    },
  ]);
});

test('a static Pod that ended at its proxy gets the address in its manifest', () => {
  const line = `E1201 08:00:00.000000       1 run.go:72] "command failed" err="failed to wait for apiserver being healthy: failed to get apiserver /healthz status: Get \\"https://10.0.0.5:6443/healthz\\": ${refused}"`;
  const ended = withRuns('kube-controller-manager', [{ log: [line] }]);
  const proxies = [proxyOf('kube-controller-manager')];
  expect(asksForProxies(ended)).toBe(true);
  expect(
    asksForProxies(withRuns('etcd', [{ log: ['Get "https://10.0.0.5:6443/": dial tcp 10.0.0.5:6443: x'] }])),
  ).toBe(false);
  expect(
    find({
      sandboxes: [{ pod: 'default/web', message: line, at: 0 }],
      components: [],
      proxies: [proxyOf('kube-scheduler')],
    }),
  ).toEqual([]);
  expect(find({ ...ended, machine: machine({ endpoint }), proxies })).toMatchObject([
    {
      component: 'kube-controller-manager',
      summary: expect.stringContaining(`and they fail: ${refused}`),
      remedy: { text: expect.stringContaining('/etc/kubernetes/manifests/kube-controller-manager.yaml') },
    },
  ]);
});

test('the proxy of kubeadm is a cause if only the request through it fails', () => {
  const error = 'https://10.0.0.5:6443/livez: the proxy http://10.0.0.9:3128: connection refused';
  expect(find({ proxies: [{ ...proxyOf('kubeadm'), error }] })).toMatchObject([{ component: 'kubeadm' }]);
  expect(find({ proxies: [proxyOf('kubeadm')] })).toEqual([]);
});
