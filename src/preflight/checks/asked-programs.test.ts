import { expect, test } from 'vitest';
import { defaultCluster, defaultInit } from '../../config/v1beta4/defaults.ts';
import { ownRelease } from '../../releases/index.ts';
import { kubeadmVersion } from '../../versions.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { controlPlaneArguments } from './control-plane-arguments.ts';
import { kubeletArguments } from './kubelet-arguments.ts';
import { lowLevelRuntime } from './low-level-runtime.ts';

const warning = (text: RegExp) => ({ errors: [], warnings: [expect.stringMatching(text)] });
const socket = 'unix:///run/x.sock';

test('the check LowLevelRuntime warns if the program of the runtime does not start', async () => {
  const check = lowLevelRuntime(socket);
  expect(await verdict(check)).toEqual(clean);
  const crun = (code: number) =>
    verdict(check, { programs: { crun: { code, stderr: 'no such symbol\n' } } }, ({ runtime }) => {
      runtime.settings = { lowLevelRuntime: 'crun' };
    });
  expect(await crun(0)).toEqual(clean);
  expect(await crun(127)).toEqual(warning(/'crun --version' fails \(exit code 127: no such symbol\)/));
});

test('the check KubeletArguments asks the kubelet with the configuration on its standard input', async () => {
  const question = { node: { kubeletExtraArgs: [{ name: 'v', value: '4' }] }, data: { maxPods: -1 } };
  const error = 'E1201 00:57:09.768625   22360 run.go:72] "command failed" err="maxPods -1 is negative"\n';
  const asked: unknown[] = [];
  const sh = (args: readonly string[], { input }: { readonly input?: string }) => {
    asked.push(args.slice(1, 3), input);
    return { code: 1, stderr: error };
  };
  const found = await verdict(kubeletArguments(question), { programs: { sh } });
  expect(found).toEqual(warning(/^the kubelet refuses .*maxPods -1 is negative: correct nodeRegistration/));
  expect(asked).toEqual([['cat | kubelet "$0" "$@"', '--v=4'], 'maxPods: -1\n']);
  expect(await verdict(kubeletArguments(question))).toEqual(clean);
  const missing = { sh: { code: 127, stderr: 'sh: 1: kubelet: not found\n' } };
  expect(await verdict(kubeletArguments(question), { programs: missing })).toEqual(clean);
  await verdict(kubeletArguments({ ...question, data: undefined }), { programs: { sh } });
  expect(asked.at(-1)).toMatch(/failCgroupV1: false\nkind: KubeletConfiguration/);
});

const layers = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
const program = (layer: number): string => `${layers}/${layer}/fs/usr/local/bin/kube-scheduler`;

test('the check ControlPlaneArguments asks the program of the right version in the layers of the images', async () => {
  const init = defaultInit({ nodeRegistration: { name: 'node1', criSocket: socket } });
  const check = (extraArgs: readonly object[]) => {
    const cluster = defaultCluster({ kubernetesVersion: kubeadmVersion, scheduler: { extraArgs } });
    return controlPlaneArguments({ init, cluster, release: ownRelease });
  };
  const scheduler = (version: string) => (args: readonly string[]) =>
    args[0] === '--version'
      ? { stdout: `Kubernetes ${version}\n` }
      : { code: 1, stderr: version === kubeadmVersion ? 'Error: unknown flag: --x\n' : 'wrong\n' };
  const options = {
    files: {
      '/proc/self/mounts': `overlay /run/x overlay rw,lowerdir=${layers}/1/fs,upperdir=${layers}/0/fs,workdir=${layers}/0/work 0 0\n`,
      [program(0)]: '',
      [program(1)]: '',
      [program(2)]: '',
    },
    programs: {
      // A running container can write to this layer.
      [program(0)]: ([flag]: readonly string[]) => ({
        code: flag === '--version' ? 0 : 1,
        stdout: `Kubernetes ${kubeadmVersion}\n`,
        stderr: 'Error: unknown flag: --of-a-container\n',
      }),
      [program(1)]: scheduler('v1.2.3'),
      [program(2)]: scheduler(kubeadmVersion),
    },
  };
  const args = [{ name: 'x', value: 'y' }];
  const judged = (check_: ReturnType<typeof check>) =>
    verdict(check_, options, ({ runtime }) => {
      runtime.settings = { rootDirectory: '/var/lib/containerd' };
    });
  expect(await judged(check(args))).toEqual(
    warning(/^kube-scheduler does not know the flag --x and ends at once .*: correct its extraArgs$/),
  );
  expect(await judged(check([]))).toEqual(clean);
  expect(await verdict(check(args), options)).toEqual(clean);
});
