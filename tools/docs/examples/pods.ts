/** Examples of Pods that get no container. */
import { facts } from '../../../src/diagnosis/facts.fixture.ts';
import { type Examples, onMachine, timesOut } from './example.ts';

const sandboxImage =
  'failed to get sandbox image "registry.k8s.io/pause:3.10.2": failed to pull image: connection refused';
const cgroupsPath =
  'expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/kubepods/burstable/pod7690535ab745cd438a6b753796ac489f/e8f44413129e" instead: unknown';
const runc =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc did not terminate successfully: exit status 1: runc: this cannot work';

export const podExamples: Examples = {
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
  'sandbox-hangs': {
    symptom: `The kubelet and the container runtime run, and no Pod gets a sandbox. ${timesOut}`,
    facts: facts({ starting: { pid: 4711, program: '/usr/sbin/runc', isStopped: false, idleMs: 60_000 } }),
  },
  'cgroup-drivers-differ': {
    symptom: `The kubelet runs, and no Pod gets a sandbox, or the components are killed after some minutes. ${timesOut}`,
    facts: facts({
      sandboxes: [0, 12_000].map((at) => ({ pod: 'kube-system/etcd-node', message: cgroupsPath, at })),
      cgroups: { kubelet: 'cgroupfs', runtime: 'systemd', isTaken: false },
    }),
  },
  'manifest-missing': {
    symptom: 'A component of the control plane does not run, and the kubelet does not mention it.',
    facts: onMachine({ missingManifests: ['kube-scheduler'] }),
  },
  'manifest-duplicate': {
    symptom:
      'A change of a manifest has no effect, or an upgrade waits for a Pod that never gets its new version.',
    facts: onMachine({
      duplicateManifests: [
        { component: 'kube-apiserver', path: '/etc/kubernetes/manifests/kube-apiserver.yaml.bak' },
      ],
    }),
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
};
