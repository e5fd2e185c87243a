import { expect, test } from 'vitest';
import { journalFailures } from './journal.ts';

const sandbox = '0123456789abcdef'.repeat(4);
const refused =
  'failed to do request: Head \\"https://registry.k8s.io/v2/pause/manifests/3.10.2\\": dial tcp: lookup registry.k8s.io on 10.88.0.1:53: read udp 10.88.0.10:59572->10.88.0.1:53: read: connection refused';

/** Lines of a kubelet 1.36.2 with containerd 2. */
const lines = [
  `E1124 19:22:26.754925     217 remote_image.go:250] "PullImage from image service failed" err="rpc error: code = Unknown desc = failed to pull and unpack image \\"registry.k8s.io/kube-apiserver:v9.9.9\\": failed to resolve image: ${refused}" image="registry.k8s.io/kube-apiserver:v9.9.9"`,
  `E1124 19:21:33.490243     228 kuberuntime_sandbox.go:70] "Failed to create sandbox for pod" err="rpc error: code = Unknown desc = failed to start sandbox \\"${sandbox}\\": failed to get sandbox image \\"registry.k8s.io/pause:3.10.2\\": failed to pull image" pod="kube-system/etcd-cp"`,
  `E1124 19:21:33.490686     228 pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"kube-scheduler\\" with ErrImageNeverPull: \\"Container image \\\\\\"registry.k8s.io/kube-scheduler:v9.9.9\\\\\\" is not present with pull policy of Never\\"" pod="kube-system/kube-scheduler-cp"`,
  'E1124 19:21:33.053323     228 controller.go:201] "Failed to ensure lease exists, will retry" err="connection refused" interval="200ms"',
  'not a line of the kubelet',
];

test('the reader of the journal finds images that cannot be had and sandboxes that cannot be made, and nothing else', () => {
  const found = journalFailures(lines, 3000);
  expect(found.pulls).toEqual([
    {
      image: 'registry.k8s.io/kube-apiserver:v9.9.9',
      message: expect.stringMatching(/^failed to pull and unpack image "registry.*connection refused$/),
      never: false,
      at: 3000,
    },
    {
      image: 'registry.k8s.io/kube-scheduler:v9.9.9',
      message: 'its imagePullPolicy is Never',
      never: true,
      at: 3000,
    },
  ]);
  expect(found.sandboxes).toEqual([
    {
      pod: 'kube-system/etcd-cp',
      message: 'failed to get sandbox image "registry.k8s.io/pause:3.10.2": failed to pull image',
      at: 3000,
    },
  ]);
});

test('the reader of the journal knows the Pods that wait for an image', () => {
  const image = 'registry.k8s.io/coredns/coredns:v9.9.9';
  const waits = (uid: string): string =>
    `E1124 19:22:27.254925     217 pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"coredns\\" with ImagePullBackOff: \\"Back-off pulling image \\\\\\"${image}\\\\\\": ErrImagePull: not found\\"" pod="kube-system/coredns-${uid}" podUID="${uid}"`;
  const failed = `E1124 19:22:26.754925     217 remote_image.go:250] "PullImage from image service failed" err="not found" image="${image}"`;
  expect(journalFailures([failed, waits('a'), waits('b'), waits('a')], 0).pulls).toMatchObject([
    { image, pods: ['a', 'b'] },
  ]);
  expect(journalFailures([failed], 0).pulls[0]?.pods).toBeUndefined();
});

test('the reader of the journal forgets a manifest that the kubelet does not complain about any more', () => {
  const path = '/etc/kubernetes/manifests/kube-scheduler.yaml';
  const failed = (time: string): string =>
    `E1201 ${time}     217 file.go:187] "Could not process manifest file" err="couldn't parse as pod(yaml: line 10)" path="${path}"`;
  const other = (time: string): string => `I1201 ${time}     217 kubelet.go:1] "SyncLoop ADD" source="file"`;
  const found = (...lines: readonly string[]) => journalFailures(lines, 0).podFailures;
  const failure = { pod: path, message: "couldn't parse as pod(yaml: line 10)", at: 0 };
  expect(found(failed('09:36:40.1'), failed('09:37:00.1'), other('09:37:19.9'))).toEqual([failure]);
  expect(found(failed('09:36:40.1'), failed('09:37:00.1'), other('09:37:31.9'))).toEqual([]);
});

test('the reader of the journal finds Pods that the kubelet does not admit', () => {
  const line =
    'I1201 09:11:50.089610     214 allocation_manager.go:619] "Pod admission denied" podUID="b8275beb05ca953eefef82826d588e2e" pod="kube-system/kube-scheduler-cp" reason="AppArmor" message="Cannot enforce AppArmor: AppArmor is not enabled on the host" operation="add"';
  expect(journalFailures([line], 3000).podFailures).toEqual([
    {
      pod: 'kube-system/kube-scheduler-cp',
      message: 'admission denied (AppArmor): Cannot enforce AppArmor: AppArmor is not enabled on the host',
      at: 3000,
    },
  ]);
});
