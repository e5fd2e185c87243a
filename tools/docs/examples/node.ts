/** Examples of a Node that does not become ready. */
import { type Examples, onMachine } from './example.ts';

const endpoint = {
  server: 'https://cluster.example:6443',
  host: 'cluster.example',
  failingMs: 60_000,
};

export const nodeExamples: Examples = {
  'endpoint-unknown-host': {
    symptom: 'The kubelet cannot register its Node, although the control plane is healthy.',
    facts: onMachine({ endpoint: { ...endpoint, lookupError: 'lookup cluster.example: no such host' } }),
  },
  'endpoint-unreachable': {
    symptom: 'The kubelet cannot register its Node, although the control plane is healthy.',
    facts: onMachine({ endpoint: { ...endpoint, error: 'connect: no route to host' } }),
  },
  'node-not-registered': {
    symptom: 'The control plane is healthy, and the Node does not appear.',
    facts: onMachine(
      {
        health: [
          { component: 'kube-apiserver', url: '', isHealthy: true, answers: true, answer: 'status 200' },
        ],
      },
      {
        nodeFailures: [0, 20_000].map((at) => ({
          kind: 'register',
          message: 'nodes is forbidden: node "a" is not allowed to modify node "b"',
          at,
        })),
      },
    ),
  },
  'pod-network-missing': {
    symptom: 'The Node is NotReady, and CoreDNS is Pending.',
    facts: onMachine(
      {},
      {
        runtime: {
          silentMs: 0,
          log: [],
          network: {
            ready: false,
            message: 'NetworkPluginNotReady: Network plugin returns error: cni plugin not initialized',
          },
        },
      },
    ),
  },
  'node-condition': {
    symptom: 'The Node is NotReady, or takes no Pods.',
    facts: onMachine({
      node: {
        name: 'node',
        exists: true,
        problems: [
          {
            type: 'DiskPressure',
            reason: 'KubeletHasDiskPressure',
            message: 'kubelet has disk pressure',
          },
        ],
      },
    }),
  },
};
