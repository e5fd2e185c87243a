/** Examples of components that end. */
import { withRuns } from '../../../src/diagnosis/facts.fixture.ts';
import type { EndedRun, Facts } from '../../../src/diagnosis/facts.ts';
import type { Examples } from './example.ts';

const fails = 'A component ends and is started again, with a longer pause each time.';

/** The component ended twice with this last line. */
function ended(component: string, line: string, more: Partial<EndedRun> = {}): Facts {
  const run = { log: [line], ...more };
  return withRuns(component, [run, run]);
}

export const endedExamples: Examples = {
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
  'etcd-database-damaged': {
    symptom: 'etcd ends at once, and no component of the control plane works.',
    facts: ended('etcd', 'panic: failed to open database: invalid database'),
  },
  'etcd-member-removed': {
    symptom: `${fails} Its exit code is 0. The other control planes work.`,
    facts: ended(
      'etcd',
      '{"level":"warn","ts":"2026-12-01T13:00:08.756294Z","msg":"server error","error":"the member has been permanently removed from the cluster"}',
      { exitCode: 0, reason: 'Completed' },
    ),
  },
  'crash-loop': {
    symptom: fails,
    facts: ended('etcd', 'panic: open /var/lib/etcd/member: permission denied'),
  },
  'ends-without-error': {
    symptom: `${fails} Its exit code is 0.`,
    facts: ended('kube-scheduler', 'Kubernetes v1.36.2', { exitCode: 0, reason: 'Completed' }),
  },
  killed: {
    symptom: fails,
    facts: withRuns('kube-apiserver', [{ exitCode: 137 }, { exitCode: 137 }, { exitCode: 137 }]),
  },
};
