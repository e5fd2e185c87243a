import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { cri } from './cri.ts';

const check = cri('unix:///run/x.sock');

test('the check CRI looks at RuntimeReady only', async () => {
  expect(check.name).toBe('CRI');
  const condition = { status: false, reason: 'Broken', message: 'plugin not initialized' };
  const network = await verdict(check, {}, ({ runtime }) => {
    runtime.conditions = [{ ...condition, type: 'NetworkReady' }];
  });
  expect(network).toEqual(clean);
  const { errors } = await verdict(check, {}, ({ runtime }) => {
    runtime.conditions = [{ ...condition, type: 'RuntimeReady' }];
  });
  expect(errors).toEqual([
    expect.stringMatching(/RuntimeReady.*reason: Broken, message: plugin not initialized/),
  ]);
});

test('the check CRI fails without a runtime, and names the socket', async () => {
  const { errors } = await verdict(check, {}, ({ runtime }) => {
    runtime.reachable = false;
  });
  expect(errors).toEqual([
    expect.stringMatching(/^could not connect to the container runtime at unix:\/\/\/run\/x\.sock/),
  ]);
});

const service = 'unix:///run/containerd/containerd.sock';

/** A machine whose runtime does not answer, with the state and the journal of its unit. */
async function unanswered(unit: string, journal: string) {
  const { errors } = await verdict(
    cri(service),
    { programs: { systemctl: { stdout: unit }, journalctl: { stdout: journal } } },
    ({ runtime }) => {
      runtime.reachable = false;
    },
  );
  return errors;
}

test('the check CRI names the last words of a runtime that ended', async () => {
  const unit = 'LoadState=loaded\nActiveState=activating\nResult=exit-code\nExecMainStatus=1\n';
  const journal = [
    'Starting containerd.service - containerd container runtime...',
    'containerd: failed to load TOML from /etc/containerd/config.toml: expected containerd config version equal to or less than `3`, got `9`',
    'containerd.service: Main process exited, code=exited, status=1/FAILURE',
  ].join('\n');
  expect(await unanswered(unit, journal)).toEqual([
    expect.stringMatching(
      /\): the unit containerd is activating \(exit-code, exit code 1\): containerd: failed to load TOML .* got `9`$/,
    ),
  ]);
});

test('the check CRI names a runtime that was not started', async () => {
  const unit = 'LoadState=loaded\nActiveState=inactive\nResult=success\nExecMainStatus=0\n';
  expect(await unanswered(unit, '')).toEqual([expect.stringMatching(/\): the unit containerd is inactive$/)]);
});

test('the check CRI asks the user if systemd has no unit, or its unit is active', async () => {
  const missing = 'LoadState=not-found\nActiveState=inactive\nResult=success\nExecMainStatus=0\n';
  const active = 'LoadState=loaded\nActiveState=active\nResult=success\nExecMainStatus=0\n';
  for (const unit of [missing, active]) {
    expect(await unanswered(unit, '')).toEqual([expect.stringMatching(/is criSocket right\?$/)]);
  }
});
