import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
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

test('the check LowLevelRuntime looks for the program in the PATH of the runtime, and names it', async () => {
  const runc = (folder: string) =>
    verdict(
      lowLevelRuntime('unix:///run/containerd/containerd.sock'),
      {
        files: {
          '/proc/7/environ': 'PATH=/opt/bin:/bin\0',
          [`${folder}/runc`]: { data: '', mode: 0o755 },
        },
        programs: { systemctl: { stdout: 'MainPID=7\n' }, '/opt/bin/runc': {}, runc: {} },
      },
      ({ runtime }) => {
        runtime.settings = { lowLevelRuntime: 'runc' };
      },
    );
  expect(await runc('/opt/bin')).toEqual(clean);
  expect(await runc('/usr/bin')).toEqual(
    warning(/no folder of its PATH \(\/opt\/bin:\/bin\) has the program runc: put runc into one of them/),
  );
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
