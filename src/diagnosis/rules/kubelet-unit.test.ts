import { expect, test } from 'vitest';
import { diagnose } from '../diagnose.ts';
import { facts, machine } from '../facts.fixture.ts';
import type { KubeletFacts, UnitFacts } from '../facts.ts';
import { wordRemedy } from '../remedy.ts';
import {
  kubeletHindered,
  kubeletMasked,
  kubeletMissing,
  kubeletNotExecutable,
  kubeletStopped,
} from './kubelet-unit.ts';

const unit: UnitFacts = { load: 'loaded', state: 'active', result: 'success', exitCode: 0 };

function kubelet(changes: Partial<UnitFacts>, rest: Partial<KubeletFacts> = {}): KubeletFacts {
  const own = { ...unit, ...changes };
  return { state: own.state, unit: own, exitsEver: 0, exits: 0, runs: [], ...rest };
}

test('a masked unit is a cause at once, with the command that unmasks it', () => {
  const [found] = kubeletMasked.find(facts({ kubelet: kubelet({ load: 'masked', state: 'inactive' }) }));
  expect(found).toMatchObject({ certainty: 'certain', code: 'kubelet-failed' });
  expect(found && wordRemedy(found.remedy, 'doctor').commands[0]).toBe('systemctl unmask kubelet');
});

test.each([
  ['not-found', /systemd has no unit kubelet\.service/],
  ['bad-setting', /cannot read its unit kubelet\.service \(bad-setting\)/],
])('a unit that is %s is a cause', (load, summary) => {
  const [found] = kubeletMissing.find(facts({ kubelet: kubelet({ load, state: 'inactive' }) }));
  expect(found?.summary).toMatch(summary);
});

test('a program that systemd cannot execute is named with the code and the words of systemd', () => {
  const log = ['kubelet.service: Failed at step EXEC spawning /usr/bin/kubelet: Exec format error'];
  const failed = kubelet({ state: 'activating', exitCode: 203 }, { runs: [{ exitCode: 203, log }] });
  expect(kubeletNotExecutable.find(facts({ kubelet: failed }))).toMatchObject([
    { exitCode: 203, summary: expect.stringMatching(/203\/EXEC\): Failed at step EXEC.*Exec format error$/) },
  ]);
  expect(kubeletNotExecutable.find(facts({ kubelet: kubelet({ exitCode: 1 }) }))).toEqual([]);
});

test('a stopped kubelet is a cause after some seconds, because kubeadm restarts it', () => {
  const stopped = kubelet({ state: 'inactive', since: Date.parse('2026-01-02T03:04:00Z') });
  const at = (now: string) =>
    kubeletStopped.find(facts({ kubelet: stopped, machine: machine({ now: Date.parse(now) }) }));
  expect(at('2026-01-02T03:04:03Z')).toEqual([]);
  expect(at('2026-01-02T03:04:05Z')).toMatchObject([{ certainty: 'certain' }]);
});

test('a kubelet that systemd starts after another unit is not stopped', () => {
  const queued = kubelet({ state: 'inactive', isQueued: true });
  expect(kubeletStopped.find(facts({ kubelet: queued, machine: machine() }))).toEqual([]);
});

test('a stopped kubelet that is disabled too gets the command that does both', () => {
  const unit = kubelet({ state: 'inactive', fileState: 'disabled' });
  const [found] = kubeletStopped.find(facts({ kubelet: unit, machine: machine() }));
  expect(found?.summary).toContain('inactive and disabled');
  expect(found && wordRemedy(found.remedy, 'doctor').commands[0]).toBe('systemctl enable --now kubelet');
});

const run = {
  exitCode: 1,
  log: ['failed to validate kubelet configuration: the container runtime endpoint address was not specified'],
};
const exiting: KubeletFacts = { state: 'activating', exitsEver: 3, exits: 2, runs: [run, run] };

test.each([
  ['keeps exiting', exiting],
  ['runs without Pods', { ...exiting, state: 'active', exits: 0, runs: [] }],
])('a kubelet without --config that %s needs the drop-in', (_, found) => {
  const [cause] = diagnose(facts({ kubelet: { ...found, withoutConfig: true } }));
  expect(cause?.summary).toContain('without the flag --config');
  const text = cause === undefined ? '' : wordRemedy(cause.remedy, 'init').text;
  expect(text).toContain('10-kubeadm.conf');
  expect(text).not.toContain('KubeletConfiguration');
});

test('a kubelet that has or may have --config is judged by its output', () => {
  for (const found of [exiting, { ...exiting, withoutConfig: false }]) {
    const [cause] = diagnose(facts({ kubelet: found }));
    expect(cause?.remedy).toEqual({ kind: 'kubelet-configuration' });
  }
});

test('the reason that keeps systemd from starting the kubelet is a cause once it lasts', () => {
  const hindrance = 'its unit requires docker.service, which does not exist';
  const find = (state: string, more: Partial<KubeletFacts>, exitCode = 0) => {
    const unit = { load: 'loaded', state, result: 'success', exitCode };
    const kubelet = { state, unit, exitsEver: 0, exits: 0, runs: [], hindrance, ...more };
    return kubeletHindered.find(facts({ kubelet, machine: machine() }));
  };
  expect(find('inactive', {})).toMatchObject([
    { certainty: 'certain', summary: `the kubelet cannot start: ${hindrance}` },
  ]);
  expect(find('activating', { exitsEver: 2 })).toMatchObject([{ certainty: 'certain' }]);
  expect(find('activating', { exitsEver: 1 })).toEqual([]);
  expect(find('failed', { exitsEver: 1 })).toHaveLength(1);
  expect(find('activating', { exitsEver: 2 }, 1)).toEqual([]);
  expect(find('active', { exitsEver: 2 })).toEqual([]);
});
