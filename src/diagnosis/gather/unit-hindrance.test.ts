import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { unitHindrance } from './unit-hindrance.ts';

/** Answers as systemd 252 gives them. */
function hindrance(
  properties: Readonly<Record<string, string>>,
  journal: readonly string[],
  others: Readonly<Record<string, string>> = {},
) {
  const host = createMemoryHost({
    programs: {
      systemctl: ([, unit = '']) => {
        if (unit === 'kubelet')
          return {
            stdout: Object.entries(properties)
              .map(([name, value]) => `${name}=${value}\n`)
              .join(''),
          };
        return { stdout: others[unit] ?? 'LoadState=loaded\nActiveState=active\n' };
      },
      journalctl: { stdout: journal.map((line) => `${line}\n`).join('') },
    },
  });
  return unitHindrance(host, 'kubelet');
}

test('a unit that the kubelet requires and that does not exist is named', async () => {
  const missing = { 'docker.service': 'LoadState=not-found\nActiveState=inactive\n' };
  expect(await hindrance({ Requires: 'sysinit.target docker.service' }, [], missing)).toBe(
    'its unit requires docker.service, which does not exist',
  );
  const failed = { 'docker.service': 'LoadState=loaded\nActiveState=failed\n' };
  expect(await hindrance({ BindsTo: 'docker.service' }, [], failed)).toBe(
    'its unit requires docker.service, which has failed',
  );
});

test('a condition of the unit that is not met is named', async () => {
  const line =
    'kubelet.service - kubelet: The Kubernetes Node Agent was skipped because of an unmet condition check (ConditionPathExists=/etc/kubelet-is-allowed).';
  expect(await hindrance({ ConditionResult: 'no' }, [line])).toBe(
    'systemd skips its unit, because the condition ConditionPathExists=/etc/kubelet-is-allowed is not met',
  );
  expect(await hindrance({ ConditionResult: 'yes' }, [line])).toBeUndefined();
});

test('a command before the kubelet that fails is named with its last words', async () => {
  const step = (status: number): string =>
    `{ path=/bin/sh ; argv[]=/bin/sh -c swapoff -a ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=278 ; code=exited ; status=${status} }`;
  const journal = [
    'Starting kubelet.service - kubelet: The Kubernetes Node Agent...',
    'swapoff: cannot turn swap off',
    'kubelet.service: Control process exited, code=exited, status=4/NOPERMISSION',
    "kubelet.service: Failed with result 'exit-code'.",
    'Failed to start kubelet.service - kubelet: The Kubernetes Node Agent.',
  ];
  expect(await hindrance({ ExecStartPre: step(4) }, journal)).toBe(
    'the command /bin/sh in ExecStartPre of its unit ended with exit code 4: swapoff: cannot turn swap off',
  );
});

test('a file of variables that does not exist is named, unless the unit was started since', async () => {
  const journal = [
    'kubelet.service: Failed to load environment files: No such file or directory',
    "kubelet.service: Failed to run 'start' task: No such file or directory",
    "kubelet.service: Failed with result 'resources'.",
    'Failed to start kubelet.service - kubelet: The Kubernetes Node Agent.',
  ];
  expect(await hindrance({}, journal)).toBe(
    'systemd reports: Failed to load environment files: No such file or directory',
  );
  const started = [...journal, 'Started kubelet.service - kubelet: The Kubernetes Node Agent.'];
  expect(await hindrance({}, started)).toBeUndefined();
});
