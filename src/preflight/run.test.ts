import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { type Check, fail, passed, warn } from './check.ts';
import { runChecks } from './run.ts';

const checks: readonly Check[] = [
  { name: 'Mem', check: async () => fail('too little') },
  { name: 'Port-1', check: async () => passed },
  {
    name: 'Swap',
    check: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { warnings: ['slow'], errors: ['broken'] };
    },
  },
  { name: 'Firewalld', check: async () => warn('active') },
];

async function run(ignore: readonly string[], list = checks, signal = new AbortController().signal) {
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => events.push(event);
  const error = await runChecks(list, createMemoryHost(), { ignore, emit, signal }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const lines = events.map((event) =>
    event.type === 'preflight-finding' ? `${event.level} ${event.check}: ${event.message}` : event.type,
  );
  return { lines, error };
}

describe('runChecks', () => {
  test('ends at once when the run is broken off, though a check waits for an answer', async () => {
    const silent: Check = { name: 'ExternalEtcdVersion', check: () => new Promise(() => undefined) };
    const interruption = new AbortController();
    const running = run([], [silent, ...checks], interruption.signal);
    interruption.abort(new Error('interrupted by SIGINT'));
    expect(await running).toEqual({ lines: [], error: interruption.signal.reason });
  });

  test('does not advise to ignore what a running control plane is refused for', async () => {
    const manifest = (name: string): Check => ({
      name: `FileAvailable--etc-kubernetes-manifests-${name}.yaml`,
      check: async () => fail('exists'),
    });
    const ports: Check = { name: 'Port-6443', check: async () => fail('in use') };
    const both = [manifest('kube-apiserver'), manifest('etcd')];
    expect((await run([], [...both, ports])).error).toMatchObject({
      hint: expect.stringMatching(/control plane already.*kubeadm reset/),
    });
    expect((await run([], both)).error).toMatchObject({
      hint: expect.stringContaining('--ignore-preflight'),
    });
  });

  test('reports everything in the listed order, errors last, and fails', async () => {
    const { lines, error } = await run([]);
    expect(lines).toEqual([
      'warning Swap: slow',
      'warning Firewalld: active',
      'error Mem: too little',
      'error Swap: broken',
    ]);
    expect(error).toBeInstanceOf(KubeadmError);
    expect(error).toMatchObject({
      code: 'preflight-failed',
      message: 'preflight checks failed',
      hint: expect.stringMatching(/--ignore-preflight-errors=.*Mem,Swap/),
      details: {
        findings: [
          { level: 'error', check: 'Mem', message: 'too little' },
          { level: 'warning', check: 'Swap', message: 'slow' },
          { level: 'error', check: 'Swap', message: 'broken' },
          { level: 'warning', check: 'Firewalld', message: 'active' },
        ],
      },
    });
  });

  test('makes errors of ignored checks warnings', async () => {
    const one = await run(['mem']);
    expect(one.lines).toContain('warning Mem: too little');
    expect(one.error).toMatchObject({ code: 'preflight-failed' });
    expect((await run(['mem', 'swap'])).error).toBeUndefined();
    expect((await run(['all'])).error).toBeUndefined();
    expect((await run(['me'])).lines).toContain('error Mem: too little');
  });

  test('takes a check that throws for an error of it', async () => {
    const broken: Check = { name: 'CRI', check: async () => Promise.reject(new Error('boom')) };
    expect((await run([], [broken])).lines).toEqual(['error CRI: boom']);
  });
});
