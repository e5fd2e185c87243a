import { expect, test } from 'vitest';
import { settingsOf } from './runtime-configuration.ts';

const configuration = (runtime: object) =>
  JSON.stringify({
    containerd: { defaultRuntimeName: 'own', runtimes: { own: runtime } },
  });

test.each([
  ['a shim of runc without a program', { runtimeType: 'io.containerd.runc.v2', options: {} }, 'runc'],
  [
    'a shim of runc with another program',
    { runtimeType: 'io.containerd.runc.v2', options: { BinaryName: '/usr/bin/crun' } },
    '/usr/bin/crun',
  ],
])('the low-level runtime is known for %s', (_, runtime, lowLevelRuntime) => {
  expect(settingsOf(configuration(runtime))).toEqual({ lowLevelRuntime });
});

test.each([
  [true, 'systemd'],
  [false, 'cgroupfs'],
])('SystemdCgroup %s of a shim of runc is the cgroup driver %s', (SystemdCgroup, cgroupDriver) => {
  const options = { SystemdCgroup };
  expect(settingsOf(configuration({ runtimeType: 'io.containerd.runc.v2', options }))).toEqual({
    lowLevelRuntime: 'runc',
    cgroupDriver,
  });
  expect(settingsOf(configuration({ runtimeType: 'io.containerd.kata.v2', options }))).toEqual({});
});

test('the low-level runtime is not known for another shim', () => {
  expect(settingsOf(configuration({ runtimeType: 'io.containerd.kata.v2' }))).toEqual({});
});

test.each([undefined, '', 'not JSON', '[]'])('nothing is known from the configuration %s', (text) => {
  expect(settingsOf(text)).toEqual({});
});
