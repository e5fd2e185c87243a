import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import { apiServerKey, cutAfter, init, machine, record } from './cut-off.fixture.ts';
import { machineOf } from './machine.fixture.ts';

describe('SIGINT and SIGTERM', () => {
  test('end init with advice, leave no incomplete file, and let the next init resume', async () => {
    const host = machine();
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'file-temporary' && target.includes('apiserver.key')) {
        stop.abort(new Error('interrupted by SIGTERM'));
      }
    });
    const { code, stderr } = await run(host, init, stop.signal);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: interrupted by SIGTERM\nhint: What was done so far is kept\. Run the same command/m,
    );
    expect(Object.keys(host.snapshot()).filter((path) => path.includes('.kubeadm-'))).toEqual([]);
    // The key pair that was being written is complete.
    expect(host.snapshot()['/etc/kubernetes/pki/apiserver.crt']).toBeDefined();
    expect(host.snapshot()['/etc/kubernetes/pki/front-proxy-ca.key']).toBeUndefined();
    expect((await run(host, init)).code).toBe(0);
  });

  test('have no effect after the last write', async () => {
    const host = machine();
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'remove' && target === record) stop.abort(new Error('interrupted by SIGTERM'));
    });
    const { code, stderr, stdout } = await run(host, init, stop.signal);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('has initialized successfully!');
  });

  test('end a dry run without a mention of a record', async () => {
    const host = machineOf(await cutAfter(apiServerKey), 2);
    const stop = new AbortController();
    host.gate.onWrite(() => stop.abort(new Error('interrupted by SIGTERM')));
    const { code, stderr } = await run(host, [...init, '--dry-run'], stop.signal);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: interrupted by SIGTERM$/m);
    expect(stderr).not.toContain('is kept');
  });

  test('end a wait at once', async () => {
    const host = machine();
    host.api.intercept = () => new Error('not yet');
    const stop = new AbortController();
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'service' && target === 'restart kubelet')
        setImmediate(() => stop.abort(new Error('interrupted by SIGINT')));
    });
    const { code, stderr } = await run(host, init, stop.signal);
    expect(code).toBe(1);
    expect(stderr).toContain('error: interrupted by SIGINT\n');
    expect(host.clock.monotonic()).toBeLessThan(5_000);
  });
});
