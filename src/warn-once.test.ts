import { expect, test } from 'vitest';
import type { KubeadmEvent, RecordedEvent } from './events.ts';
import { warnOnce } from './warn-once.ts';

test('an equal warning is passed on once, every other event each time', () => {
  const events: KubeadmEvent[] = [];
  const pass = warnOnce(({ event }: RecordedEvent) => void events.push(event));
  const record = (event: KubeadmEvent, phase: string | undefined) => pass({ event, phase, at: 0 });
  const warning = {
    type: 'warning',
    code: 'certificate-out-of-bounds',
    message: 'ca.crt has expired',
  } as const;
  const other = { ...warning, message: 'sa.crt has expired' };
  const line = { type: 'progress', topic: 'certs', message: 'again' } as const;
  record(warning, 'certs/ca');
  record(warning, 'certs/apiserver');
  record(other, undefined);
  record(line, undefined);
  record(line, undefined);
  expect(events).toEqual([warning, other, line, line]);
});
