import { describe, expect, test } from 'vitest';

import type { KubeadmEvent, RecordedEvent } from '../../events.ts';
import { timelineOf } from './timeline.ts';
import { timelineSvg } from './timeline-svg.ts';
import { overlapped, timelineLines } from './timeline-text.ts';

function at(time: number, event: KubeadmEvent, phase?: string): RecordedEvent {
  return { at: time, phase, event };
}

const run: readonly RecordedEvent[] = [
  at(0, { type: 'run-started', command: 'init', version: 'v1.36.2' }),
  at(0, { type: 'phases-selected', phases: ['certs', 'wait', 'upload', 'late'] }),
  at(10, { type: 'phase-started', phase: 'certs' }, 'certs'),
  at(110, { type: 'phase-finished', phase: 'certs', milliseconds: 100 }, 'certs'),
  at(110, { type: 'phase-started', phase: 'wait' }, 'wait'),
  at(120, { type: 'waiting', topic: 'api', for: 'the API <server>', timeoutMs: 1000 }, 'wait'),
  at(150, { type: 'phase-started', phase: 'upload' }, 'upload'),
  at(160, { type: 'waiting', topic: 'api', for: 'the API <server>', timeoutMs: 1000 }, 'upload'),
  at(220, { type: 'waited', topic: 'api', for: 'the API <server>', milliseconds: 100 }, 'wait'),
  at(250, { type: 'phase-finished', phase: 'upload', milliseconds: 100 }, 'upload'),
  at(310, { type: 'phase-failed', phase: 'wait', message: 'no' }, 'wait'),
  at(310, { type: 'phase-started', phase: 'late' }, 'late'),
];

describe('the timeline', () => {
  const timeline = timelineOf(run, 400);

  test('has start, duration, end and overlap of each phase', () => {
    expect(timeline.phases).toEqual([
      { phase: 'certs', start: 10, milliseconds: 100, outcome: 'finished', overlaps: [] },
      { phase: 'wait', start: 110, milliseconds: 200, outcome: 'failed', overlaps: ['upload'] },
      { phase: 'upload', start: 150, milliseconds: 100, outcome: 'finished', overlaps: ['wait'] },
      { phase: 'late', start: 310, milliseconds: 90, outcome: 'running', overlaps: [] },
    ]);
    expect(timeline).toMatchObject({ command: 'init', milliseconds: 400 });
    expect(overlapped(timeline.phases)).toBe(0.1);
  });

  test('separates the same wait of two phases, and ends it with its phase', () => {
    expect(timeline.waits).toEqual([
      { phase: 'wait', for: 'the API <server>', start: 120, milliseconds: 100 },
      { phase: 'upload', for: 'the API <server>', start: 160, milliseconds: 90 },
    ]);
  });

  test('is a table with bars', () => {
    expect(timelineLines(timeline)).toEqual([
      'timeline of init: 0.400s, of which phases overlapped for 0.100s',
      '    start       took  phase',
      '   0.010s     0.100s  certs   |#########                       |',
      '   0.110s     0.200s  wait    |        #################       | failed; with upload',
      '   0.150s     0.100s  upload  |            ########            | with wait',
      '   0.310s     0.090s  late    |                        ########| running',
    ]);
    expect(timelineLines(timelineOf([], 5))).toEqual([]);
  });

  test('is drawn as well-formed SVG with a bar for each phase and wait, on one scale', () => {
    const svg = timelineSvg([timeline, { ...timeline, command: 'a & "b"', milliseconds: 800 }]);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<]*>\n/);
    expect(svg).toContain('<title>When each phase of init, a &amp; &quot;b&quot; ran</title>');
    expect(svg.match(/fill="#7fb2e5"/g)).toHaveLength(4);
    expect(svg.match(/fill="#e58a7f"/g)).toHaveLength(4);
    expect(svg.match(/fill="#2f5f8f"/g)).toHaveLength(4);
    expect(svg).toContain('for the API &lt;server&gt;');
    expect(svg).toContain('a &amp; &quot;b&quot;: ');
    // 640 pixels are 800 ms, so 80 pixels are 100 ms.
    expect(svg).toContain('<rect x="104" y="63" width="80" height="14" fill="#7fb2e5"/>');
    const tags = [...svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)];
    const open: string[] = [];
    for (const [, closes, name = '', empty] of tags) {
      if (closes === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });
});
