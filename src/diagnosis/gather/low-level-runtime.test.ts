import { expect, test } from 'vitest';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { gatherLowLevelRuntime, lowLevelRuntimeFault } from './low-level-runtime.ts';

const criSocket = 'unix:///run/containerd/containerd.sock';
const broken = { code: 1, stderr: 'runc: this cannot work\n' };

/** A machine on which containerd runs with this PATH and has runc in /opt/containerd/bin. */
function machine(path: string, programs: MemoryHostOptions['programs'] = {}) {
  return createMemoryHost({
    files: {
      '/proc/812/environ': `TOKEN=hunter2\0PATH=${path}\0LANG=C\0`,
      '/opt/containerd/bin/runc': { data: '', mode: 0o755 },
      '/opt/notes/runc': { data: '', mode: 0o644 },
    },
    programs: { systemctl: { stdout: 'MainPID=812\n' }, '/opt/containerd/bin/runc': {}, ...programs },
  });
}

const faultOf = (host: ReturnType<typeof machine>, program = 'runc') =>
  lowLevelRuntimeFault(host, { criSocket, program });

test('a runc that only the PATH of containerd has is asked there, and is not a fault', async () => {
  const host = machine('/usr/bin:/opt/notes:bin:/opt/containerd/bin/');
  expect(await faultOf(host)).toBeUndefined();
  expect(host.programs.calls.at(-1)).toMatchObject({ program: '/opt/containerd/bin/runc' });
  const failing = machine('/opt/containerd/bin', { '/opt/containerd/bin/runc': broken });
  expect(await faultOf(failing)).toEqual({
    program: '/opt/containerd/bin/runc',
    reply: 'exit code 1: runc: this cannot work',
  });
});

test('a runc that only the PATH of kubeadm has is a fault, and the PATH of containerd is named', async () => {
  const host = machine('/usr/bin:/bin', { runc: {} });
  expect(await faultOf(host)).toEqual({ program: 'runc', missingIn: '/usr/bin:/bin' });
  const found = await gatherLowLevelRuntime(host, { settings: async () => ({}) }, criSocket);
  expect(found).toEqual({
    program: 'runc',
    error: 'the program is not in the PATH of the runtime (/usr/bin:/bin)',
  });
});

test('a program with a slash is asked as it is', async () => {
  expect(await faultOf(machine('/bin'), '/opt/containerd/bin/runc')).toBeUndefined();
  expect(await faultOf(machine('/bin'), '/opt/none')).toMatchObject({ program: '/opt/none' });
});

test('a runc that kubeadm does not find proves nothing if the PATH of containerd is not known', async () => {
  const stopped = { systemctl: { stdout: 'MainPID=0\n' } };
  expect(await faultOf(machine('/bin', stopped))).toBeUndefined();
  expect(await faultOf(machine('/bin', { ...stopped, runc: broken }))).toMatchObject({ program: 'runc' });
  expect(await faultOf(createMemoryHost())).toBeUndefined();
});
