import { expect, test } from 'vitest';
import { comparison } from './fault-times.ts';

test('the comparison has the seconds of both sides, their medians and their messages', () => {
  const page = comparison([
    {
      name: 'a is missing',
      ours: { seconds: 3, lines: ['a is missing'] },
      upstream: { seconds: 240, lines: ['timed out'] },
    },
    { name: 'b is broken', ours: { seconds: 5.25, lines: ['b is broken'] } },
  ]);
  expect(page).toContain(
    '| a is missing | 3.0 s | 240.0 s |\n| b is broken | 5.3 s |  |\n| Median | 5.3 s | 240.0 s |',
  );
  expect(page).toContain(
    '### If a is missing\n\nThis kubeadm:\n\n```text\na is missing\n```\n\nUpstream:\n\n```text\ntimed out\n```',
  );
});

test('the comparison is empty without measurements', () => {
  expect(comparison([])).toBe('');
});
