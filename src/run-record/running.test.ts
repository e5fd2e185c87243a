import { describe, expect, test } from 'vitest';

import { run } from '../cli/command.fixture.ts';
import { FileError } from '../errors.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { beginReport } from '../phases/execute.ts';
import { buildInit } from '../phases/init/build-input.ts';
import { initPhases } from '../phases/init/index.ts';
import { createRunScope } from '../phases/run-scope.ts';
import { runPhases } from '../workflow/run.ts';
import { selectPhases } from '../workflow/select.ts';
import { apiServerKey, cutAfter, init, machine, record, reset } from './cut-off.fixture.ts';
import { joinTokens } from './end-state.fixture.ts';
import { machineOf, processFiles } from './machine.fixture.ts';

describe('two runs at the same time', () => {
  const isRefused = {
    code: 1,
    stderr: expect.stringMatching(/another kubeadm init is running .* process 4001/),
  };
  const notes = (host: MemoryHost) =>
    Object.keys(host.snapshot('/run')).filter((path) => !path.endsWith('/'));

  test.each([
    ['init', init],
    ['reset', reset],
  ])('refuse %s while another process runs, before it changes anything', async (_, second) => {
    const remains = await cutAfter(apiServerKey);
    const alive: Readonly<Record<string, string>> = {
      ...processFiles(4001),
      '/proc/self/stat': processFiles(4002)['/proc/self/stat'] ?? '',
    };
    const host = machineOf(remains, 2);
    host.disk.put(alive);
    expect(await run(host, second)).toMatchObject(isRefused);
    expect(host.gate.writes).toEqual([]);
    const stat = alive['/proc/4001/stat'] ?? '';
    for (const gone of [
      { '/proc/4001/stat': stat.replace(' 777 ', ' 888 ') },
      { '/proc/4001/stat': stat.replace(') S ', ') Z ') },
      { '/proc/sys/kernel/random/boot_id': 'another boot\n' },
    ]) {
      const later = machineOf(remains, 2);
      later.disk.put({ ...alive, ...gone });
      expect((await run(later, second)).code).toBe(0);
      expect(notes(later)).toEqual([]);
    }
  });

  test.each([
    ['init', init],
    ['reset', reset],
  ])('refuse %s while the same process has another run', async (_, second) => {
    const host = machine();
    let beside: ReturnType<typeof run> | undefined;
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'file' && target === record) beside ??= run(host, second);
    });
    expect((await run(host, init)).code).toBe(0);
    expect(await beside).toMatchObject(isRefused);
    expect(notes(host)).toEqual([]);
  });

  test('that did not see each other at first: the later one ends before its first write', async () => {
    const host = machine();
    let beside: ReturnType<typeof run> | undefined;
    host.gate.onWrite(({ kind, target }) => {
      if (kind === 'cri' && /pull/.test(target))
        beside ??= run(host, [...init, '--ignore-preflight-errors=all']);
    });
    const results = [await run(host, init), await beside];
    expect(results.map((result) => result?.code).sort()).toEqual([0, 1]);
    expect(results).toContainEqual(expect.objectContaining(isRefused));
    expect(joinTokens(host)).toHaveLength(1);
  });

  test('refuse the run if another record was written since it began', async () => {
    const left = await cutAfter(apiServerKey);
    const host = machine();
    let count = 0;
    host.gate.onWrite(({ kind }) => {
      if (kind !== 'cri' || count > 0) return;
      for (const path of [record, apiServerKey]) host.disk.put({ [path]: left.files[path]?.text ?? '' });
      count = host.gate.writes.length;
    });
    const { code, stderr } = await run(host, init);
    expect(code).toBe(1);
    expect(stderr).toContain('another kubeadm has worked on this machine since this one began');
    expect(host.snapshot()[record]?.text).toBe(left.files[record]?.text);
  });

  test.each([
    ['written', 'write'],
    ['removed', 'remove'],
  ] as const)('go on with a warning if their notes cannot be %s', async (_, operation) => {
    for (const argv of [init, reset]) {
      const host = machine();
      const readOnly = async (path: string): Promise<void> => {
        if (path.startsWith('/run/')) throw new FileError(operation, path, 'EROFS');
      };
      const files: typeof host.files = {
        ...host.files,
        [operation]: async (path: string, ...rest: never[]) => {
          await readOnly(path);
          await (host.files[operation] as (path: string, ...rest: never[]) => Promise<void>)(path, ...rest);
        },
      };
      const { code, stderr } = await run({ ...host, files }, argv);
      expect(code, stderr).toBe(0);
      expect(stderr.match(/kubeadm cannot .*: read-only file system/g)).toHaveLength(1);
    }
  });

  test('report their own error if their note cannot be removed', async () => {
    const host = machine();
    host.disk.fail('/etc/kubernetes/pki/sa.key', 'ENOSPC', 'write');
    const files: typeof host.files = {
      ...host.files,
      remove: async (path, ...rest) => {
        if (path.startsWith('/run/')) throw new FileError('remove', path, 'EROFS');
        await host.files.remove(path, ...rest);
      },
    };
    const { code, stderr } = await run({ ...host, files }, init);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*sa\.key: no space left on device$/m);
  });

  test.each(['null', '{}', '{"command":"init"}', '{"command":"init","process":{}}', '[', '7'])(
    'are not seen in a file that is not a note: %s',
    async (text) => {
      const host = machine({ '/run/kubeadm-run-0123456789ab.json': text });
      expect((await run(host, init)).code).toBe(0);
      expect((await run(host, reset)).code).toBe(0);
    },
  );

  test('do not block the next run of a program that called the phases itself', async () => {
    const host = machine();
    const { input, skip } = await buildInit(
      host,
      { configPath: '/root/kubeadm.yaml' },
      { ...beginReport(host, {}), single: undefined },
    );
    const selected = selectPhases(initPhases, { skip: [...skip, 'addon'] });
    host.disk.fail('/etc/kubernetes/pki/sa.key', 'ENOSPC', 'write');
    await expect(runPhases(initPhases, input, host, options(selected))).rejects.toThrow('no space left');
    host.disk.fail('/etc/kubernetes/pki/sa.key', undefined);
    expect(notes(host)).toEqual([]);
    expect((await run(host, reset)).code).toBe(0);
    expect((await run(host, init)).code).toBe(0);
  });
});

function options(selected: ReadonlySet<string>) {
  const scope = createRunScope(async () => await Promise.reject(new Error('there is no API server')));
  return { selected, scope, record: () => undefined, signal: new AbortController().signal };
}
