import { describe, expect, test } from 'vitest';

import type { KubeadmEvent, RecordedEvent } from '../../events.ts';
import { jsonLines, recordedEvent } from './json.ts';
import { textScreen } from './screen.ts';

function at(time: number, event: KubeadmEvent, phase?: string): RecordedEvent {
  return { at: time, phase, event };
}

/** Two phases that overlap. The events of the later one come first. */
const run: readonly RecordedEvent[] = [
  at(0, { type: 'run-started', command: 'init', version: 'v1.36.2' }),
  at(1, { type: 'kubernetes-version', version: 'v1.36.2' }),
  at(2, { type: 'phases-selected', phases: ['a', 'b'] }),
  at(3, { type: 'phase-started', phase: 'a' }, 'a'),
  at(3, { type: 'phase-started', phase: 'b' }, 'b'),
  at(4, { type: 'progress', topic: 'b', message: 'b works' }, 'b'),
  at(5, { type: 'waiting', topic: 'a', for: 'a healthy kubelet', timeoutMs: 60_000 }, 'a'),
  at(6, { type: 'warning', code: 'node-not-marked', message: 'b warns' }, 'b'),
  at(7, { type: 'phase-finished', phase: 'b', milliseconds: 4 }, 'b'),
  at(8, { type: 'waited', topic: 'a', for: 'a healthy kubelet', milliseconds: 3.25 }, 'a'),
  at(9, { type: 'phase-finished', phase: 'a', milliseconds: 6 }, 'a'),
  at(10, { type: 'output', text: 'the end\n' }),
  at(11, { type: 'run-finished', milliseconds: 11 }),
];

function rendered(events: readonly RecordedEvent[], verbosity = 0): string {
  let text = '';
  const add = (more: string): void => {
    text += more;
  };
  const show = textScreen({ stdout: add, stderr: add }, verbosity);
  for (const event of events) show(event);
  return text;
}

const wanted = `[init] Using Kubernetes version: v1.36.2
[a] Waiting for a healthy kubelet (up to 1m0s)
[a] Waited 0.003s for a healthy kubelet
[b] b works
warning: b warns
the end
`;

describe('the text of a run', () => {
  test('shows overlapping phases in listed order', () => {
    expect(rendered(run)).toBe(wanted);
  });

  test('is the same from the JSON lines of the run, at every verbosity', () => {
    const lines: string[] = [];
    const json = jsonLines((line) => void lines.push(line), new Date('2026-01-02T03:04:05Z'));
    for (const event of run) json(event);
    for (const verbosity of [0, 1, 5]) {
      expect(rendered(lines.map(recordedEvent), verbosity)).toBe(rendered(run, verbosity));
    }
  });

  test('shows the lines that still waited when a run failed', () => {
    const cut = [
      ...run.slice(0, 8),
      at(9, { type: 'run-failed', milliseconds: 9, code: 'x', message: 'no' }),
    ];
    expect(rendered(cut)).toContain('[b] b works\nwarning: b warns\n');
  });
});

test('a JSON line has the version, the time, the phase and the event, and the node once its name is known', () => {
  const lines: string[] = [];
  const json = jsonLines((line) => void lines.push(line), new Date('2026-01-02T03:04:05Z'));
  json(at(1500.12345, { type: 'phase-started', phase: 'a' }, 'a'));
  json(at(1501, { type: 'node-name', node: 'cp1' }));
  json(at(1502, { type: 'prompt-closed' }));
  expect(lines).toEqual([
    '{"schema":1,"time":"2026-01-02T03:04:06.500Z","at":1500.123,"phase":"a","event":{"type":"phase-started","phase":"a"}}\n',
    '{"schema":1,"time":"2026-01-02T03:04:06.501Z","at":1501,"node":"cp1","event":{"type":"node-name","node":"cp1"}}\n',
    '{"schema":1,"time":"2026-01-02T03:04:06.502Z","at":1502,"node":"cp1","event":{"type":"prompt-closed"}}\n',
  ]);
});
