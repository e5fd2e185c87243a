import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../../events.ts';
import { renderText } from './text.ts';

const details: readonly (readonly [KubeadmEvent, string])[] = [
  [{ type: 'image-pulling', image: 'a' }, 'detail: [preflight] Pulling a\n'],
  [
    { type: 'image-pulled', image: 'a', milliseconds: 1, present: true },
    'detail: [preflight] Image a is already present\n',
  ],
  [{ type: 'kubelet-stopping' }, 'detail: [kubelet-start] Stopping the kubelet\n'],
  [
    { type: 'object-applied', kind: 'ConfigMap', name: 'a', namespace: 'kube-system' },
    'detail: [api] ConfigMap kube-system/a is in place\n',
  ],
  [{ type: 'phase-finished', phase: 'a', milliseconds: 1500 }, 'detail: phase a took 1.5s\n'],
  [{ type: 'detail', verbosity: 1, topic: 'etcd', message: 'a' }, 'detail: [etcd] a\n'],
];

test.each(details)('%j adds a line on standard error from -v 1 on', (event, text) => {
  expect(renderText(event, 0)).toBeUndefined();
  expect(renderText(event, 1)).toEqual({ stream: 'stderr', text });
});

test('progress is the same on standard output at every verbosity', () => {
  const event = { type: 'progress', topic: 'certs', message: 'a' } as const;
  const line = { stream: 'stdout', text: '[certs] a\n' };
  expect([renderText(event, 0), renderText(event, 5)]).toEqual([line, line]);
});

test('a warning shows its topic, and not its code', () => {
  const warning = { type: 'warning', code: 'etcd-data-left', message: 'a' } as const;
  expect(renderText(warning, 0)).toEqual({ stream: 'stderr', text: 'warning: a\n' });
  expect(renderText({ ...warning, topic: 'reset' }, 0)?.text).toBe('warning: [reset] a\n');
});
