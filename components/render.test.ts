import { PassThrough } from 'node:stream';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Step } from './events.ts';
import { createTextReport } from './render.ts';

const step: Step = { kind: 'program', name: 'kubelet', version: 'v1.36.2', index: 2, total: 27 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const plan = { missing: ['a', 'b'], of: 3, needsMB: 9300, freeMB: 20_000, cache: '/c' };

function reporter(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  return { report: createTextReport(stream), text: () => String(stream.read() ?? '') };
}

test('progress on a pipe comes in whole lines, one each minute of a long step', () => {
  const { report, text } = reporter(false);
  report({ type: 'plan', ...plan, source: 'go', sourceReason: undefined });
  report({ type: 'begin', step });
  report({ type: 'note', step, line: 'downloading k8s.io/api v0.36.2' });
  vi.advanceTimersByTime(61_000);
  report({ type: 'done', step, seconds: 61.2 });
  vi.advanceTimersByTime(120_000);
  report({ type: 'finished', built: 2, seconds: 200 });
  expect(text()).toBe(
    [
      'Building 2 of 3 components (the others are cached) into /c',
      "They take about 9.3 GB of disk with Go's caches; 20.0 GB are free",
      '[ 2/27] kubelet v1.36.2 60 s, 1 modules downloaded so far',
      '[ 2/27] kubelet v1.36.2 61.2 s',
      'Built 2 in 3 min 20 s',
      '',
    ].join('\n'),
  );
});

test('progress says why release files are taken, and how much of one was downloaded', () => {
  const { report, text } = reporter(false);
  report({ type: 'plan', ...plan, source: 'release', sourceReason: 'Go is missing' });
  report({ type: 'begin', step });
  report({ type: 'note', step, line: 'received 11 of 84 MB' });
  report({ type: 'note', step, line: 'received 12 of 84 MB' });
  vi.advanceTimersByTime(60_000);
  report({ type: 'done', step, seconds: 61.2 });
  expect(text()).toBe(
    [
      'Using the official release files. Go is missing',
      'Building 2 of 3 components (the others are cached) into /c',
      'They take about 9.3 GB of disk with the downloads; 20.0 GB are free',
      '[ 2/27] kubelet v1.36.2 60 s, received 12 of 84 MB so far',
      '[ 2/27] kubelet v1.36.2 61.2 s',
      '',
    ].join('\n'),
  );
});

test('progress on a terminal rewrites one line each second', () => {
  const { report, text } = reporter(true);
  report({ type: 'begin', step: { ...step, kind: 'image', name: 'image-etcd', version: '3.6.8-0' } });
  vi.advanceTimersByTime(2000);
  const lines = text().split('\r\u001b[K');
  expect(lines.slice(1)).toEqual([0, 1, 2].map((second) => `[ 2/27] image etcd 3.6.8-0 ${second} s`));
});

test('progress says what it waits for, and nothing if everything is built', () => {
  const { report, text } = reporter(false);
  report({ type: 'complete', programs: 19, images: 8 });
  report({ type: 'waiting', holder: 'process 7, building', path: '/c/.lock' });
  expect(text()).toBe('Waiting for another build to end: process 7, building (lock: /c/.lock)\n');
});
