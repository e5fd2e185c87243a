import { describe, expect, test } from 'vitest';

import { KubeadmError, NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { textFingerprint } from '../pki/fingerprint.ts';
import { type RunRecord, writeRecord } from '../run-record/record.ts';
import { withResumeHint } from './resume-hint.ts';

const admin = '/etc/kubernetes/admin.conf';

/** The warnings of an `init` that has a record and a file, and fails with this error. */
async function warnings(
  error: KubeadmError,
  host = createMemoryHost(),
  file = 'of the run',
): Promise<readonly string[]> {
  await host.files.write(admin, file, { mode: 0o600, directoryMode: 0o755 });
  const record: RunRecord = {
    command: 'init',
    startedAt: '2026-01-02T03:04:05Z',
    documents: 'kind: ClusterConfiguration\n',
    secrets: { certificateKey: '', uploadToken: '' },
    fingerprints: { [admin]: textFingerprint('of the run') },
  };
  await writeRecord(host, record, () => undefined);
  const events: KubeadmEvent[] = [];
  const run = { emit: (event: KubeadmEvent) => events.push(event), signal: new AbortController().signal };
  expect(await withResumeHint(error, host, { command: 'init', keepsRecord: true, run })).toBe(error);
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

describe('how to go on after a failure', () => {
  test('is to run the same command again', async () => {
    expect(await warnings(new KubeadmError('timeout', 'no answer'))).toEqual([
      "What was done so far is kept. Run the same command to go on from there, or 'kubeadm reset' to undo it.",
    ]);
  });

  test('does not name reset while the API server of this node answers', async () => {
    const manifest =
      'spec: {containers: [{command: [kube-apiserver, --advertise-address=10.0.0.5, --secure-port=7443]}]}';
    const host = createMemoryHost({ files: { '/etc/kubernetes/manifests/kube-apiserver.yaml': manifest } });
    host.machine.answers.set('https://10.0.0.5:7443/livez', { status: 500, body: '' });
    expect(await warnings(new KubeadmError('timeout', 'no answer'), host)).toEqual([
      'What was done so far is kept. Run the same command to go on from there.',
    ]);
  });

  test.each(['ETIMEDOUT', 'ECONNRESET', 'ERR_SSL_WRONG_VERSION_NUMBER'])(
    'does not name reset after %s, because a busy API server is in use, too',
    async (reason) => {
      const manifest =
        'spec: {containers: [{command: [kube-apiserver, --advertise-address=10.0.0.5, --secure-port=7443]}]}';
      const host = createMemoryHost({ files: { '/etc/kubernetes/manifests/kube-apiserver.yaml': manifest } });
      host.machine.answers.set('https://10.0.0.5:7443/livez', new NetError('no answer', reason));
      const [warning] = await warnings(new KubeadmError('timeout', 'no answer'), host);
      expect(warning).toBe('What was done so far is kept. Run the same command to go on from there.');
    },
  );

  test('names reset if nothing listens at the address of the API server', async () => {
    const manifest =
      'spec: {containers: [{command: [kube-apiserver, --advertise-address=10.0.0.5, --secure-port=7443]}]}';
    const host = createMemoryHost({ files: { '/etc/kubernetes/manifests/kube-apiserver.yaml': manifest } });
    const [warning] = await warnings(new KubeadmError('timeout', 'no answer'), host);
    expect(warning).toContain("'kubeadm reset' to undo it");
  });

  test('is left to the cause that was found: another setting needs a reset', async () => {
    const found = new KubeadmError('container-failed', 'x', { details: { rule: 'unknown-flag' } });
    expect(await warnings(found)).toEqual([]);
  });
});
