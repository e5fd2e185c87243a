import { describe, expect, test } from 'vitest';

import { KubeadmError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { writeRecord } from '../run-record/record.ts';
import { withResumeHint } from './resume-hint.ts';

/** Warnings of an `init` that keeps its record and ends with this error. */
async function warnings(error: KubeadmError): Promise<readonly string[]> {
  const host = createMemoryHost();
  await writeRecord(host.files, {
    command: 'init',
    startedAt: '2026-01-02T03:04:05Z',
    settings: {},
    secrets: { tokens: [], certificateKey: '', uploadToken: '' },
    folders: { certificatesDir: '/etc/kubernetes/pki' },
    lonelyKeys: [],
  });
  const events: KubeadmEvent[] = [];
  const run = { emit: (event: KubeadmEvent) => events.push(event), signal: new AbortController().signal };
  expect(await withResumeHint(error, host, { command: 'init', keepsRecord: true, run })).toBe(error);
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

describe('how to go on after a failure', () => {
  test('is to run the same command again', async () => {
    expect(await warnings(new KubeadmError('timeout', 'no answer'))).toEqual([
      "What was done so far is kept: the same command goes on from there, 'kubeadm reset' undoes it.",
    ]);
  });

  test('is left to the cause that was found: another setting needs a reset', async () => {
    const found = new KubeadmError('container-failed', 'x', { details: { rule: 'unknown-flag' } });
    expect(await warnings(found)).toEqual([]);
  });
});
