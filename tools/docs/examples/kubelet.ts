/** Examples of faults of the kubelet and of the container runtime. */
import { facts } from '../../../src/diagnosis/facts.fixture.ts';
import type { Facts, KubeletFacts, UnitFacts } from '../../../src/diagnosis/facts.ts';
import { type Examples, onMachine, unhealthy, unit } from './example.ts';

function kubelet(changes: Partial<UnitFacts>, more: Partial<KubeletFacts> = {}): Facts {
  const own = { ...unit, ...changes };
  return onMachine(
    {},
    { kubelet: { state: own.state, unit: own, exitsEver: 3, exits: 3, runs: [], ...more } },
  );
}

export const kubeletExamples: Examples = {
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
  'static-pod-path': {
    symptom: 'The kubelet runs, and starts no container.',
    facts: onMachine(
      { staticPodPath: '/etc/other' },
      { components: [{ name: 'etcd', state: 'no-sandbox', exits: 0, runs: [] }] },
    ),
  },
  'kubelet-not-started': {
    symptom: 'The kubelet is not started, and the wait for a healthy kubelet ends with a timeout.',
    facts: kubelet(
      { state: 'inactive' },
      { hindrance: 'its unit requires docker.service, which does not exist' },
    ),
  },
  'kubelet-hangs': {
    symptom: 'The kubelet runs, its journal has no new line, and no Pod is started.',
    facts: {
      ...kubelet({}, { process: { pid: 4711, program: '/usr/bin/sleep', isStopped: false, idleMs: 60_000 } }),
      components: facts().components ?? [],
    },
  },
};
