import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ExecError } from '../../src/errors.ts';
import { type Machine, machines } from './machines.ts';

describe.each(machines)('exec $name', ({ open }) => {
  let machine: Machine;
  beforeEach(() => {
    machine = open();
  });
  afterEach(() => machine.close());

  test.each(['probe', 'run'] as const)(
    '%s returns the exit code and both streams of a program',
    async (call) => {
      const { exec } = machine.host;
      expect(await exec[call]('true', [])).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await exec[call]('false', [])).toMatchObject({ code: 1 });
      expect(await exec[call]('echo', ['a b', '$HOME'])).toMatchObject({ code: 0, stdout: 'a b $HOME\n' });
      const failed = await exec[call]('ls', ['/none/such']);
      expect(failed.code).toBe(2);
      expect(failed.stderr).toContain('/none/such');
      expect(failed.stdout).toBe('');
    },
  );

  test.each(['probe', 'run'] as const)('%s passes the input to a program', async (call) => {
    const { exec } = machine.host;
    expect(await exec[call]('cat', [], { input: 'ä\nb' })).toMatchObject({ code: 0, stdout: 'ä\nb' });
    expect(await exec[call]('cat', [])).toMatchObject({ code: 0, stdout: '' });
    expect(await exec[call]('true', [], { input: 'x'.repeat(1_000_000) })).toMatchObject({ code: 0 });
  });

  test('find returns the absolute path of a program, and undefined for a missing one', async () => {
    const { exec } = machine.host;
    expect(await exec.find('cat')).toMatch(/^\/.*\/cat$/);
    expect(await exec.find('kubeadm-no-such-program')).toBeUndefined();
    expect(await exec.find('/none/such')).toBeUndefined();
    expect(await exec.find(machine.folder)).toBeUndefined();
    const path = (await exec.find('cat')) ?? '';
    expect(await exec.find(path)).toBe(path);
    expect(await exec.probe(path, [], { input: 'x' })).toMatchObject({ stdout: 'x' });
  });

  test.each(['probe', 'run'] as const)(
    '%s of a missing program is an ExecError with its name',
    async (call) => {
      const error = await machine.host.exec[call]('kubeadm-no-such-program', []).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ExecError);
      expect(error).toMatchObject({
        code: 'exec',
        message: expect.stringContaining('kubeadm-no-such-program'),
      });
    },
  );
});
