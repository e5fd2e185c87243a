import { expect, test } from 'vitest';
import { facts, machine, running } from '../facts.fixture.ts';
import type { Facts } from '../facts.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { kubeletHangs, sandboxHangs } from './hanging.ts';
import { runtimeStopped } from './runtime-stopped.ts';

const idle = (idleMs: number, program = '/usr/bin/kubelet'): ProcessFacts => ({
  pid: 7,
  program,
  isStopped: false,
  idleMs,
});
const stopped: ProcessFacts = { ...idle(0), isStopped: true };

function kubelet(process: ProcessFacts, changes: Partial<Facts> = {}): Facts {
  const url = 'http://127.0.0.1:10248/healthz';
  const health = [{ component: 'kubelet', url, isHealthy: false, answers: false, answer: 'refused' }];
  return facts({
    kubelet: { state: 'active', exitsEver: 0, exits: 0, runs: [], process },
    machine: machine({ health, kubeletHasCertificate: true }),
    ...changes,
  });
}

test('a kubelet that does nothing is a cause after 8 s, and another program is named', () => {
  expect(kubeletHangs.find(kubelet(idle(9_000, '/usr/bin/sleep')))).toMatchObject([
    {
      certainty: 'certain',
      summary:
        'the kubelet runs, but does not answer at http://127.0.0.1:10248/healthz, because its process 7 (/usr/bin/sleep), which is not the kubelet, does nothing: it has used no processor time for 9 s',
    },
  ]);
  expect(kubeletHangs.find(kubelet(idle(7_000)))).toEqual([]);
  expect(kubeletHangs.find(kubelet(idle(9_000), { components: running }))).toEqual([]);
  expect(kubeletHangs.find(kubelet(stopped))).toMatchObject([{ certainty: 'certain' }]);
});

test('a kubelet that waits for its certificate does not end the wait', () => {
  const bootstrap = machine({ kubeletHasCertificate: false });
  expect(kubeletHangs.find(kubelet(idle(60_000), { machine: bootstrap }))).toMatchObject([
    { certainty: 'likely' },
  ]);
});

test('programs that make containers and do nothing for 20 s are a cause as long as there is no Pod', () => {
  const starting = idle(21_000, '/usr/bin/sleep');
  expect(sandboxHangs.find(facts({ starting }))).toMatchObject([
    {
      certainty: 'certain',
      summary: expect.stringMatching(/no Pod can start: .* waits for process 7 \(\/usr\/bin\/sleep\)/),
    },
  ]);
  expect(sandboxHangs.find(facts({ starting: idle(9_000) }))).toEqual([]);
  expect(sandboxHangs.find(facts({ starting, components: running }))).toEqual([]);
});

test('a runtime that is stopped, or does nothing while a call waits, is a cause before a minute has passed', () => {
  const found = (process: ProcessFacts, silentMs: number) =>
    runtimeStopped.find(
      facts({ runtime: { error: 'no answer', silentMs, service: 'containerd', log: [], process } }),
    )[0]?.certainty;
  expect(found(stopped, 3_000)).toBe('certain');
  expect(found(idle(6_000), 8_000)).toBe('certain');
  expect(found(idle(2_000), 8_000)).toBe('likely');
});
