import { expect, test } from 'vitest';
import { facts } from '../facts.fixture.ts';
import type { UnitFacts } from '../facts.ts';
import { runtimeStopped } from './runtime-stopped.ts';

/** The journal of containerd 2.1 and systemd 252. */
const failed = [
  'Starting containerd.service - containerd container runtime...',
  'time="2026-12-01T08:44:33Z" level=error msg="Failure unmarshaling TOML" column=10 error="toml: expected character ]" file=/etc/containerd/config.toml row=24',
  'containerd: failed to unmarshal TOML at row 24 column 10: toml: expected character ]',
  'containerd.service: Main process exited, code=exited, status=1/FAILURE',
  "containerd.service: Failed with result 'exit-code'.",
  'Failed to start containerd.service - containerd container runtime.',
];

function find(unit: Partial<UnitFacts>, log: readonly string[]) {
  const runtime = {
    error: 'connection refused',
    silentMs: 60_000,
    service: 'containerd',
    unit: { load: 'loaded', state: 'inactive', result: 'success', exitCode: 0, ...unit },
    log,
  };
  return runtimeStopped.find(facts({ runtime }))[0]?.summary;
}

test('a runtime that fails is named with its own last words and not with those of systemd', () => {
  expect(find({ state: 'activating', result: 'exit-code', exitCode: 1 }, failed)).toMatch(
    /its unit is activating \(exit-code, exit code 1\): containerd: failed to unmarshal TOML at row 24 column 10: toml: expected character \]$/,
  );
});

test('a runtime that was stopped has no reason of its own', () => {
  const stopped = [
    'time="2026-12-01T08:44:29.870351927Z" level=info msg="Stop CRI service"',
    'Stopped containerd.service - containerd container runtime.',
  ];
  expect(find({}, stopped)).toMatch(/its unit is inactive$/);
});

test.each([
  ['inactive', 'success', 3_000],
  ['failed', 'exit-code', 3_000],
  ['activating', 'exit-code', 12_000],
  ['activating', 'success', 20_000],
  ['activating', 'signal', 20_000],
  ['deactivating', 'success', 20_000],
])('a runtime whose unit is %s (%s) is a certain cause after %d ms', (state, result, neededMs) => {
  const unit = { load: 'loaded', state, result, exitCode: 0 };
  const certainty = (silentMs: number): string | undefined =>
    runtimeStopped.find(facts({ runtime: { error: 'connection refused', silentMs, unit, log: [] } }))[0]
      ?.certainty;
  expect(certainty(neededMs - 1)).toBe('likely');
  expect(certainty(neededMs)).toBe('certain');
});

test('a runtime without its CRI plug-in is named with the reason of its log, or else its configuration', () => {
  const error = 'unknown service runtime.v1.RuntimeService (unimplemented)';
  const unit = { load: 'loaded', state: 'active', result: 'success', exitCode: 0 };
  const summary = (log: readonly string[]): string | undefined =>
    runtimeStopped.find(facts({ runtime: { error, silentMs: 60_000, service: 'containerd', unit, log } }))[0]
      ?.summary;
  const line = String.raw`time="2026-12-01T13:00:17Z" level=warning msg="failed to load plugin" error="failed to find snapshotter \"zfs\"" id=io.containerd.grpc.v1.cri type=io.containerd.grpc.v1`;
  expect(summary([line])).toMatch(/its CRI plug-in could not be loaded: failed to find snapshotter "zfs"$/);
  expect(summary([])).toMatch(/disabled_plugins in its configuration\)$/);
});
