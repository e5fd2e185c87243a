import { expect, test } from 'vitest';
import { settingsOf } from './runtime-configuration.ts';

const configuration = (runtime: object) => ({
  config: JSON.stringify({
    containerd: { defaultRuntimeName: 'own', runtimes: { own: runtime } },
  }),
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

test.each(['', 'not JSON', '[]'])('nothing is known from the configuration "%s"', (config) => {
  expect(settingsOf({ config })).toEqual({});
  expect(settingsOf({})).toEqual({});
});

test('the fault of the CNI configuration is known if containerd could not load it', () => {
  expect(settingsOf({ lastCNILoadStatus: 'OK' })).toEqual({});
  const lastCNILoadStatus = 'cni config load failed: no network config found in /etc/cni/net.d';
  expect(settingsOf({ lastCNILoadStatus })).toEqual({ networkFault: lastCNILoadStatus });
});
