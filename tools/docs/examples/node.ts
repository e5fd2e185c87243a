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
  'api-server-port': {
    symptom: 'All components run, and the kubelet does not register its Node.',
    facts: onMachine({
      addresses: ['10.0.0.4'],
      endpoint: {
        server: 'https://10.0.0.4:6443',
        host: '10.0.0.4',
        error: 'connection refused: nothing listens there',
        failingMs: 60_000,
      },
      health: [
        {
          component: 'kube-apiserver',
          url: 'https://10.0.0.4:8443/livez',
          isHealthy: true,
          answers: true,
          answer: 'status 200',
        },
      ],
    }),
  },
  'endpoint-no-route': {
    symptom: 'The kubelet cannot register its Node, and connections fail with `network is unreachable`.',
    facts: onMachine({
      endpoint: {
        ...endpoint,
        addresses: ['192.0.2.9'],
        error: 'https://cluster.example:6443/livez: the network is unreachable',
        hasRoute: false,
      },
    }),
  },
  'proxy-between': {
    symptom: 'The control plane is healthy, and the Node does not appear or becomes NotReady.',
    facts: onMachine(
      { endpoint: { ...endpoint, server: 'https://10.0.0.5:6443', host: '10.0.0.5', failingMs: 0 } },
      {
        proxies: [{ program: 'kubelet', proxy: 'http://10.0.0.9:3128', noProxy: 'localhost,127.0.0.1' }],
        nodeFailures: [0, 20_000].map((at) => ({
          kind: 'register',
          message: 'Post "https://10.0.0.5:6443/api/v1/nodes": Forbidden',
          at,
        })),
      },
    ),
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
  'pod-sandbox-failed': {
    symptom: 'The Node is Ready, and Pods such as those of CoreDNS stay in ContainerCreating.',
    facts: onMachine(
      {},
      {
        sandboxes: [0, 0, 0].map((at) => ({
          pod: 'kube-system/coredns-589f44dc88-6w5np',
          message:
            'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory',
          at,
        })),
      },
    ),
  },
  'disk-pressure': {
    symptom: 'Pods are evicted or stay Pending, and images disappear from the node.',
    facts: onMachine({
      node: {
        name: 'node',
        exists: true,
        problems: [
          { type: 'DiskPressure', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
        ],
      },
    }),
  },
  'node-condition': {
    symptom: 'The Node is NotReady, or takes no Pods.',
    facts: onMachine({
      node: {
        name: 'node',
        exists: true,
        problems: [
          {
            type: 'MemoryPressure',
            reason: 'KubeletHasInsufficientMemory',
            message: 'kubelet has insufficient memory available',
          },
        ],
      },
    }),
  },
};
