import { expect, test } from 'vitest';

import { facts, machine } from '../facts.fixture.ts';
import { nodeNotRegistered } from './node.ts';

const reported = (user: string) => {
  const message = `nodes "cp2" is forbidden: User "${user}" cannot get resource "nodes" at the cluster scope`;
  const health = [
    {
      component: 'kube-apiserver',
      url: 'https://10.0.0.6:6443/livez',
      isHealthy: true,
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
  expect(nodeNotRegistered.find(reported('system:node:cp3'))).toMatchObject([
    { certainty: 'certain', summary: expect.stringMatching(/cannot register its Node.*system:node:cp3/) },
  ]);
});

test('a kubelet that waits for its certificate asks as an anonymous user, which is not a failure', () => {
  expect(nodeNotRegistered.find(reported('system:anonymous'))).toEqual([]);
});
