import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { KubeadmEvent, RecordedEvent } from '../../events.ts';
import { textWidth } from '../../lib/text-width.ts';
import { advance, nothingYet, type Progress, progressLines } from './live-state.ts';

function at(time: number, event: KubeadmEvent, phase?: string): RecordedEvent {
  return { at: time, phase, event };
}

function stateAfter(events: readonly RecordedEvent[]): Progress {
  return events.reduce(advance, nothingYet);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const coloured = /^\x1b\[\d+m[^\x1b]*\x1b\[0m$/;
const wide = { columns: 200, rows: 24, colour: false };
const begun: readonly RecordedEvent[] = [
  at(0, { type: 'run-started', command: 'init', version: 'v1.36.2' }),
  at(10, { type: 'keys-making', algorithm: 'RSA-2048', count: 9 }),
  at(20, { type: 'phases-selected', phases: ['preflight', 'wait', 'upload', 'addon'] }),
  at(20, { type: 'phase-started', phase: 'preflight' }, 'preflight'),
  at(30, { type: 'key-made', made: 1, count: 9, milliseconds: 20 }),
];
const waiting: readonly RecordedEvent[] = [
  ...begun,
  at(900, { type: 'key-made', made: 9, count: 9, milliseconds: 890 }),
  at(1000, { type: 'phase-finished', phase: 'preflight', milliseconds: 980 }, 'preflight'),
  at(1000, { type: 'phase-started', phase: 'upload' }, 'upload'),
  at(1000, { type: 'phase-started', phase: 'wait' }, 'wait'),
  at(1500, { type: 'waiting', topic: 'x', for: 'a healthy kubelet', timeoutMs: 240_000 }, 'wait'),
  at(1600, { type: 'component-checking', component: 'etcd', url: 'https://x' }, 'wait'),
];

describe('the live view', () => {
  test('shows nothing before the first phase and after the run', () => {
    expect(progressLines(stateAfter(begun.slice(0, 2)), 15, wide)).toEqual([]);
    const over = [...begun, at(50, { type: 'run-failed', milliseconds: 50, code: 'x', message: 'y' })];
    expect(progressLines(stateAfter(over), 60, wide)).toEqual([]);
  });

  test('shows the progress of the run and of its keys', () => {
    expect(progressLines(stateAfter(begun), 520, wide)).toEqual([
      'init: 0 of 4 phases done, 1 running, 1 of 9 keys made, 0.5s',
      '  preflight    0.5s',
    ]);
  });

  test('lists the running phases in listed order, with their waits and the time of each', () => {
    expect(progressLines(stateAfter(waiting), 4000, wide)).toEqual([
      'init: 1 of 4 phases done, 2 running, 4.0s',
      '  wait      3.0s  waits 2.5s of 4m0s for a healthy kubelet',
      '                  waits 2.4s for etcd',
      '  upload    3.0s',
    ]);
  });

  test('puts waits below their phase if the window is narrow', () => {
    expect(progressLines(stateAfter(waiting), 4000, { ...wide, columns: 50 })).toEqual([
      'init: 1 of 4 phases done, 2 running, 4.0s',
      '  wait      3.0s',
      '    waits 2.5s of 4m0s for a healthy kubelet',
      '    waits 2.4s for etcd',
      '  upload    3.0s',
    ]);
  });

  test('forgets a wait that ended', () => {
    const ended = [
      ...waiting,
      at(1700, { type: 'waited', topic: 'x', for: 'a healthy kubelet', milliseconds: 200 }, 'wait'),
      at(1800, { type: 'component-unhealthy', component: 'etcd', milliseconds: 200, reason: 'no' }, 'wait'),
    ];
    expect(progressLines(stateAfter(ended), 4000, wide)[1]).toBe('  wait      3.0s');
  });

  test('fits on every screen with any names, and has colour only if it is enabled', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 220 }),
        fc.integer({ min: 1, max: 60 }),
        (names, columns, rows) => {
          const state = stateAfter([
            ...waiting,
            ...names.map((name) =>
              at(1700, { type: 'waiting', topic: 'x', for: name, timeoutMs: 1 }, 'upload'),
            ),
          ]);
          const lines = progressLines(state, 3000, { columns, rows, colour: false });
          expect(lines.length).toBeLessThan(Math.max(2, rows));
          expect(lines.length).toBeLessThanOrEqual(8);
          for (const line of lines) {
            expect(textWidth(line)).toBeLessThan(columns);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
    );
    for (const line of progressLines(stateAfter(waiting), 3000, { ...wide, colour: true })) {
      expect(line).toMatch(coloured);
    }
  });

  test('shows the number of lines that it leaves out', () => {
    const lines = progressLines(stateAfter(waiting), 4000, { ...wide, rows: 4 });
    expect(lines).toEqual([
      'init: 1 of 4 phases done, 2 running, 4.0s',
      '  wait      3.0s  waits 2.5s of 4m0s for a healthy kubelet',
      '  and 2 more',
    ]);
  });
});
