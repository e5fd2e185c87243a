/** Examples of components that run and do not work. */
import { facts, machine } from '../../../src/diagnosis/facts.fixture.ts';
import type { Facts } from '../../../src/diagnosis/facts.ts';
import { type Examples, onMachine, unhealthy, unit } from './example.ts';

const active: Partial<Facts> = {
  kubelet: { state: 'active', unit, exitsEver: 0, exits: 0, runs: [] },
};

const rejected =
  '{"level":"warn","msg":"rejected connection on client endpoint","remote-addr":"127.0.0.1:58060","server-name":"","error":"tls: first record does not look like a TLS handshake"}';

export const runningExamples: Examples = {
  'cannot-connect': {
    symptom:
      'The control plane does not become healthy, and a component reports that a connection is refused.',
    facts: onMachine(
      {
        health: [
          { component: 'etcd', url: '', isHealthy: true, answers: true, answer: 'status 200' },
          ...unhealthy('kube-apiserver', 'connect ECONNREFUSED'),
        ],
      },
      {
        components: [
          {
            name: 'kube-apiserver',
            state: 'running',
            exits: 0,
            runs: [],
            runsForMs: 15_000,
            runningLog: Array.from(
              { length: 3 },
              () => 'transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused',
            ),
          },
        ],
      },
    ),
  },
  'port-blocked': {
    symptom: 'The wait for the API server ends with a timeout, although its container runs.',
    facts: onMachine(
      {
        health: [
          {
            component: 'kube-apiserver',
            url: 'https://10.0.0.5:6443/livez',
            isHealthy: false,
            answers: false,
            answer: 'no answer within 2 s',
            isSilent: true,
          },
        ],
      },
      {
        components: [
          { name: 'kube-apiserver', state: 'running', exits: 0, runs: [], runsForMs: 20_000, runningLog: [] },
        ],
        listeners: [{ address: '*', port: 6443 }],
      },
    ),
  },
  'processor-limit': {
    symptom: 'The wait for the control plane ends with a timeout, although all containers run.',
    facts: onMachine(
      { health: unhealthy('kube-apiserver', 'no answer'), cpuLimits: { 'kube-apiserver': 10 } },
      {
        components: [
          { name: 'kube-apiserver', state: 'running', exits: 0, runs: [], runsForMs: 20_000, runningLog: [] },
        ],
      },
    ),
  },
  'etcd-alarm': {
    symptom: 'Reads work, and each write fails with `etcdserver: mvcc: database space exceeded`.',
    facts: onMachine({
      health: [
        {
          component: 'etcd',
          url: 'http://127.0.0.1:2381/health',
          isHealthy: false,
          answers: true,
          answer: 'status 503 (ALARM NOSPACE)',
        },
      ],
    }),
  },
  'etcd-slow': {
    symptom: 'The API server is not healthy or ends again and again, and requests take seconds.',
    facts: onMachine(
      { health: unhealthy('kube-apiserver', 'status 500 (etcd failed)') },
      {
        components: [
          {
            name: 'etcd',
            state: 'running',
            exits: 0,
            runs: [],
            runningLog: Array.from(
              { length: 5 },
              () => '{"level":"warn","msg":"slow fdatasync","took":"1.2s","expected-duration":"1s"}',
            ),
          },
        ],
      },
    ),
  },
  'runs-with-fault': {
    symptom: 'A component runs, and is not healthy.',
    facts: onMachine(
      { health: unhealthy('kube-scheduler', 'status 500') },
      {
        components: [
          {
            name: 'kube-scheduler',
            state: 'running',
            exits: 0,
            runs: [],
            runsForMs: 60_000,
            runningLog: Array.from(
              { length: 3 },
              () =>
                'Failed to watch: tls: failed to verify certificate: x509: certificate signed by unknown authority',
            ),
          },
        ],
      },
    ),
  },
  'not-healthy': {
    symptom: 'A component runs, and is not healthy.',
    facts: onMachine({ health: unhealthy('kube-scheduler', 'status 500 (leader-election failed)') }),
  },
  'component-not-running': {
    symptom: 'A component does not run, and nothing reports why.',
    facts: facts({ ...active, components: [{ name: 'etcd', state: 'exited', exits: 0, runs: [] }] }),
  },
  'old-certificate-in-use': {
    symptom:
      'The certificates were renewed, and some time later a component fails with `certificate has expired`.',
    facts: onMachine(
      {},
      {
        oldCertificates: [
          {
            component: 'kube-scheduler',
            certificate: 'scheduler.conf',
            path: '/etc/kubernetes/scheduler.conf',
            isServed: false,
          },
        ],
      },
    ),
  },
  'etcd-rejects-connections': {
    symptom: 'etcd runs, and the API server keeps ending because etcd does not answer it.',
    facts: facts({
      components: [
        { name: 'etcd', state: 'running', exits: 0, runs: [], runningLog: [rejected, rejected, rejected] },
      ],
      machine: machine({
        health: [
          {
            component: 'kube-apiserver',
            url: 'https://127.0.0.1:6443/livez',
            isHealthy: false,
            answers: false,
            answer: 'connection refused: nothing listens there',
          },
        ],
      }),
    }),
  },
};
