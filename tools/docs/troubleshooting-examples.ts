/** For each rule of the diagnosis: what a user sees without it, and facts in which it finds its cause. */
import { facts, machine, running, withRuns } from '../../src/diagnosis/facts.fixture.ts';
import type {
  CertificateFacts,
  EndedRun,
  Facts,
  FileSystemFacts,
  KubeletFacts,
  MachineFacts,
  UnitFacts,
} from '../../src/diagnosis/facts.ts';

export interface Example {
  /** Whole sentences. */
  readonly symptom: string;
  readonly facts: Facts;
}

const now = Date.parse('2026-01-02T03:04:05Z');
const hour = 3_600_000;
const timesOut = 'The wait for the control plane ends with a timeout.';
const fails = 'A component ends and is started again, with a longer pause each time.';

const onMachine = (changes: Partial<MachineFacts>, more: Partial<Facts> = {}): Facts =>
  facts({ elapsedMs: 60_000, components: running, machine: machine({ now, ...changes }), ...more });

const fileSystem = (changes: Partial<FileSystemFacts>): Facts =>
  onMachine({
    fileSystems: [{ path: '/var/lib/etcd', mountPoint: '/var', readOnly: false, noExec: false, ...changes }],
  });

const certificate = (changes: Partial<CertificateFacts>): Facts =>
  onMachine({
    certificates: [
      {
        path: '/etc/kubernetes/pki/apiserver.crt',
        name: 'apiserver',
        isAuthority: false,
        notBefore: now - hour,
        notAfter: now + hour,
        ...changes,
      },
    ],
  });

const unit: UnitFacts = { load: 'loaded', state: 'active', result: 'success', exitCode: 0 };

function kubelet(changes: Partial<UnitFacts>, more: Partial<KubeletFacts> = {}): Facts {
  const own = { ...unit, ...changes };
  return onMachine(
    {},
    { kubelet: { state: own.state, unit: own, exitsEver: 3, exits: 3, runs: [], ...more } },
  );
}

/** The component ended twice with this last line. */
function ended(component: string, line: string, more: Partial<EndedRun> = {}): Facts {
  const run = { log: [line], ...more };
  return withRuns(component, [run, run]);
}

const unhealthy = (component: string, answer: string): MachineFacts['health'] => [
  { component, url: 'https://127.0.0.1:10259/livez', isHealthy: false, answers: true, answer },
];

const endpoint = {
  server: 'https://cluster.example:6443',
  host: 'cluster.example',
  failingMs: 60_000,
};

const active: Partial<Facts> = {
  kubelet: { state: 'active', unit, exitsEver: 0, exits: 0, runs: [] },
};

const sandboxImage =
  'failed to get sandbox image "registry.k8s.io/pause:3.10.2": failed to pull image: connection refused';
const runc =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc did not terminate successfully: exit status 1: runc: this cannot work';

export const examples: Readonly<Record<string, Example>> = {
  'disk-full': {
    symptom: `Files cannot be written, etcd ends, or the kubelet evicts Pods. ${timesOut}`,
    facts: fileSystem({ freeBytes: 0 }),
  },
  'read-only-file-system': {
    symptom: `The components and the kubelet cannot write their files. ${timesOut}`,
    facts: fileSystem({ readOnly: true }),
  },
  'loopback-down': {
    symptom: 'Every component runs, and each reports that another one does not answer at 127.0.0.1.',
    facts: onMachine({ loopback: { up: false, hasAddress: false } }),
  },
  'clock-wrong': {
    symptom: 'Connections fail with `x509: certificate has expired or is not yet valid`.',
    facts: certificate({ notBefore: now + 2 * hour, notAfter: now + 9000 * hour }),
  },
  'certificate-expired': {
    symptom: 'Connections fail with `x509: certificate has expired or is not yet valid`.',
    facts: certificate({ notBefore: now - 9000 * hour, notAfter: now - hour }),
  },
  'certificate-key-mismatch': {
    symptom: 'A component ends with `tls: private key does not match public key`.',
    facts: certificate({ keyFits: false }),
  },
  'certificate-untrusted': {
    symptom: 'Connections fail with `x509: certificate signed by unknown authority`.',
    facts: certificate({ isTrusted: false }),
  },
  'runtime-stopped': {
    symptom: 'The kubelet ends or starts no Pod, and `crictl ps` reports that nothing answers.',
    facts: facts({
      runtime: {
        error: 'connection refused',
        silentMs: 60_000,
        service: 'containerd',
        unit: { ...unit, state: 'failed', result: 'exit-code', exitCode: 1 },
        log: ['containerd: failed to load TOML: /etc/containerd/config.toml: invalid'],
      },
    }),
  },
  'kubelet-masked': {
    symptom: 'The kubelet is not started, and the wait for a healthy kubelet ends with a timeout.',
    facts: kubelet({ load: 'masked', state: 'inactive' }),
  },
  'kubelet-unit-missing': {
    symptom: 'The kubelet is not started, and the wait for a healthy kubelet ends with a timeout.',
    facts: kubelet({ load: 'not-found', state: 'inactive' }),
  },
  'kubelet-without-config': {
    symptom: 'The kubelet runs, and starts no Pod of the control plane.',
    facts: kubelet({}, { withoutConfig: true }),
  },
  'kubelet-not-executable': {
    symptom: 'systemd starts the kubelet again and again, and the journal has no line of the kubelet.',
    facts: kubelet(
      { state: 'activating', result: 'exit-code', exitCode: 203 },
      {
        runs: [
          {
            exitCode: 203,
            log: ['kubelet.service: Failed at step EXEC spawning /usr/bin/kubelet: Exec format error'],
          },
        ],
      },
    ),
  },
  'kubelet-exits': {
    symptom: 'systemd starts the kubelet again and again.',
    facts: kubelet(
      { state: 'activating', result: 'exit-code', exitCode: 1 },
      {
        runs: [
          {
            exitCode: 1,
            log: [
              'E1124 19:22:26.754925     217 run.go:72] "command failed" err="failed to set feature gates from initial flags-based config: unrecognized feature gate: Nonsense"',
            ],
          },
        ],
      },
    ),
  },
  'kubelet-stopped': {
    symptom: 'The Node becomes NotReady, and no Pod is started.',
    facts: kubelet({ state: 'inactive' }),
  },
  'resolv-conf-missing': {
    symptom: 'The kubelet runs, and no Pod gets a sandbox.',
    facts: onMachine({ resolvConf: { path: '/run/systemd/resolve/resolv.conf', exists: false } }),
  },
  'sandbox-image-missing': {
    symptom: `The kubelet runs, and no Pod gets a sandbox. ${timesOut}`,
    facts: facts({ sandboxes: [{ pod: 'kube-system/etcd-node', message: sandboxImage, at: 0 }] }),
  },
  'sandbox-failed': {
    symptom: `The kubelet runs, and no Pod gets a sandbox. ${timesOut}`,
    facts: facts({
      sandboxes: [{ pod: 'kube-system/etcd-node', message: runc, at: 0 }],
      lowLevelRuntime: { program: 'runc', error: 'exit code 1: runc: this cannot work' },
    }),
  },
  'manifest-missing': {
    symptom: 'A component of the control plane does not run, and the kubelet does not mention it.',
    facts: onMachine({ missingManifests: ['kube-scheduler'] }),
  },
  'manifest-unreadable': {
    symptom: 'A component of the control plane does not run. Only the journal of the kubelet mentions it.',
    facts: facts({
      podFailures: [
        {
          pod: '/etc/kubernetes/manifests/etcd.yaml',
          message: "couldn't parse as pod: yaml: line 3: mapping values are not allowed in this context",
          at: 0,
        },
      ],
    }),
  },
  'image-missing': {
    symptom: `A container waits with ErrImagePull or ImagePullBackOff. ${timesOut}`,
    facts: facts({
      pulls: [
        {
          image: 'registry.example/kube-apiserver:v1.36.2',
          message: 'dial tcp: lookup registry.example: no such host',
          never: false,
          at: 0,
        },
      ],
      absentImages: ['registry.example/kube-apiserver:v1.36.2'],
    }),
  },
  'pod-failed': {
    symptom: `The Pod of a component has no container. ${timesOut}`,
    facts: facts({
      podFailures: [
        {
          pod: 'kube-system/kube-apiserver-node',
          message: 'volume audit: hostPath type check failed: /etc/audit is not a directory',
          at: 0,
        },
      ],
    }),
  },
  'out-of-memory': {
    symptom: `${fails} Its exit code is 137.`,
    facts: ended('kube-apiserver', '', { reason: 'OOMKilled', exitCode: 137 }),
  },
  'unknown-flag': { symptom: fails, facts: ended('kube-apiserver', 'Error: unknown flag: --nonsense') },
  'invalid-flag-value': {
    symptom: fails,
    facts: ended('etcd', 'invalid value "abc" for flag -heartbeat-interval: parse error'),
  },
  'unknown-admission-plugin': {
    symptom: fails,
    facts: ended('kube-apiserver', 'Error: enable-admission-plugins plugin "Nonsense" is unknown'),
  },
  'missing-file': {
    symptom: fails,
    facts: {
      ...ended(
        'kube-apiserver',
        'E1124 19:31:58.795452       1 run.go:72] "command failed" err="loading audit policy file: open /etc/audit.yaml: no such file or directory"',
      ),
      namedPaths: { '/etc/audit.yaml': true },
    },
  },
  'port-taken': {
    symptom: fails,
    facts: {
      ...ended('etcd', 'panic: listen tcp 127.0.0.1:2381: bind: address already in use'),
      listeners: [{ address: '127.0.0.1', port: 2381, program: 'python3', pid: 4711 }],
    },
  },
  'crash-loop': {
    symptom: fails,
    facts: ended('etcd', 'panic: open /var/lib/etcd/member: permission denied'),
  },
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
  'static-pod-path': {
    symptom: 'The kubelet runs, and starts no container.',
    facts: onMachine(
      { staticPodPath: '/etc/other' },
      { components: [{ name: 'etcd', state: 'no-sandbox', exits: 0, runs: [] }] },
    ),
  },
  'kubelet-health-port-taken': {
    symptom: 'The wait for a healthy kubelet ends with a timeout, although the kubelet runs.',
    facts: onMachine(
      { health: unhealthy('kubelet', 'status 404') },
      {
        nodeFailures: [
          { kind: 'health-port', message: 'listen tcp 127.0.0.1:10248: bind: address already in use', at: 0 },
        ],
        listeners: [{ address: '127.0.0.1', port: 10248, program: 'nginx', pid: 4711 }],
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
  killed: {
    symptom: fails,
    facts: withRuns('kube-apiserver', [{ exitCode: 137 }, { exitCode: 137 }, { exitCode: 137 }]),
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
  'not-healthy': {
    symptom: 'A component runs, and is not healthy.',
    facts: onMachine({ health: unhealthy('kube-scheduler', 'status 500 (leader-election failed)') }),
  },
  'component-not-running': {
    symptom: 'A component does not run, and nothing reports why.',
    facts: facts({ ...active, components: [{ name: 'etcd', state: 'exited', exits: 0, runs: [] }] }),
  },
};
