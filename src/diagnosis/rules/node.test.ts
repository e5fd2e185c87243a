import { expect, test } from 'vitest';

import { facts, machine } from '../facts.fixture.ts';
import { nodeNotRegistered } from './node.ts';

const forbidden = (user: string) =>
  `nodes "cp2" is forbidden: User "${user}" cannot get resource "nodes" at the cluster scope`;
const post = 'Post "https://10.0.0.6:6443/api/v1/nodes"';

const reported = (message: string, isHealthy = true) => {
  const health = [
    {
      component: 'kube-apiserver',
      url: 'https://10.0.0.6:6443/livez',
      isHealthy,
      answer: 'ok',
      answers: true,
    },
  ];
  return facts({
    machine: machine({ health }),
    nodeFailures: [1_000, 30_000].map((at) => ({ kind: 'register', message, at })),
  });
};

test('a kubelet that is refused for 15 s cannot register its Node', () => {
  expect(nodeNotRegistered.find(reported(forbidden('system:node:cp3')))).toMatchObject([
    { certainty: 'certain', summary: expect.stringMatching(/cannot register its Node.*system:node:cp3/) },
  ]);
});

test('an API server that is not healthy yet does not prove that a kubelet cannot register its Node', () => {
  expect(nodeNotRegistered.find(reported(forbidden('system:node:cp3'), false))).toMatchObject([
    { certainty: 'likely' },
  ]);
});

test('an API server that is not healthy explains why it does not answer the kubelet', () => {
  expect(nodeNotRegistered.find(reported('etcdserver: request timed out', false))).toEqual([]);
});

test('a kubelet that waits for its certificate asks as an anonymous user, which is not a failure', () => {
  expect(nodeNotRegistered.find(reported(forbidden('system:anonymous')))).toEqual([]);
});

test.each([
  [`${post}: net/http: TLS handshake timeout`, 'likely'],
  [`${post}: dial tcp 10.0.0.6:6443: connect: connection refused`, 'likely'],
  [`${post}: EOF`, 'likely'],
  [`${post}: http2: client connection lost`, 'likely'],
  ['etcdserver: request timed out', 'likely'],
  ['nodes "cp2" is forbidden: not yet ready to handle request', 'likely'],
  ['the server is currently unable to handle the request (post nodes)', 'likely'],
  ['Timeout: request did not complete within requested timeout - context deadline exceeded', 'likely'],
  [`${post}: tls: failed to verify certificate: x509: certificate signed by unknown authority`, 'certain'],
])('the failure %s is %s', (message, certainty) => {
  expect(nodeNotRegistered.find(reported(message))).toMatchObject([{ certainty }]);
});

const withMessages = (messages: readonly string[], kubeletHasCertificate: boolean) => {
  const { machine: seen, ...rest } = reported('x');
  return {
    ...rest,
    machine: machine({ ...seen, kubeletHasCertificate }),
    nodeFailures: messages.map((message, index) => ({
      kind: 'register' as const,
      message,
      at: index * 10_000,
    })),
  };
};

test('the answer Unauthorized is not a failure until the kubelet has its certificate, and then never ends a wait', () => {
  const messages = Array.from({ length: 3 }, () => 'Unauthorized');
  expect(nodeNotRegistered.find(withMessages(messages, false))).toEqual([]);
  expect(nodeNotRegistered.find(withMessages(messages, true))).toMatchObject([
    { certainty: 'likely', summary: expect.stringMatching(/does not accept the certificate/) },
  ]);
});

test('the answer Unauthorized ends a wait if the certificate of the kubelet is of another authority or has expired', () => {
  const seen = withMessages(['Unauthorized'], true);
  const find = (more: { readonly isTrusted?: boolean; readonly notAfter?: number }) => {
    const path = '/var/lib/kubelet/pki/kubelet-client-current.pem';
    const own = { path, name: 'kubelet-client', isAuthority: false, notBefore: 0, notAfter: 9e15, ...more };
    return nodeNotRegistered.find({ ...seen, machine: { ...seen.machine, certificates: [own] } });
  };
  expect(find({ isTrusted: false })).toMatchObject([
    {
      certainty: 'certain',
      summary: expect.stringMatching(/current\.pem is of another certificate authority/),
    },
  ]);
  expect(find({ isTrusted: true, notAfter: 1 })).toMatchObject([{ certainty: 'certain' }]);
  expect(find({ isTrusted: true })).toMatchObject([{ certainty: 'likely' }]);
});

test('a certificate of the API server that the kubelet does not accept ends a wait after 3 s', () => {
  const find = (reason: string, at: number) => {
    const message = `${post}: tls: failed to verify certificate: x509: ${reason}`;
    const failures = [0, at].map((one) => ({ kind: 'register' as const, message, at: one }));
    return nodeNotRegistered.find({ ...reported(message), nodeFailures: failures })[0]?.certainty;
  };
  const names = "cannot validate certificate for 10.0.0.6 because it doesn't contain any IP SANs";
  expect(find(names, 4_000)).toBe('certain');
  expect(find(names, 2_000)).toBe('likely');
  expect(find('certificate has expired or is not yet valid', 4_000)).toBe('likely');
});

test('failures of which another one came between do not count together', () => {
  expect(nodeNotRegistered.find(withMessages(['a', 'b', 'b', 'a'], true))).toMatchObject([
    { certainty: 'likely' },
  ]);
  expect(nodeNotRegistered.find(withMessages(['b', 'a', 'a', 'a'], true))).toMatchObject([
    { certainty: 'certain' },
  ]);
});
