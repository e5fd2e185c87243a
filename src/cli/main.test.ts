import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { run } from './command.fixture.ts';

const kubeadm = async (line: string) => await run(createMemoryHost(), line.split(' '));

test.each([
  ['join 10.88.0.10:6443 --token abc', 'kubeadm join'],
  ['join --help', 'kubeadm join'],
  ['upgrade plan', 'kubeadm upgrade'],
])('%s is told to be missing here, not taken for a mistake', async (line, command) => {
  const { code, stdout, stderr } = await kubeadm(line);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    `error: this kubeadm has no "${command}" yet\nhint: upstream's kubeadm v1.36.2 has it\n`,
  );
});

test('an unknown command is answered with those that do something', async () => {
  const { code, stderr } = await kubeadm('nope');
  expect(code).toBe(1);
  expect(stderr).toContain('error: unknown command "nope" for "kubeadm"\n');
  expect(stderr).toContain(
    'hint: known here: certs, completion, config, init, kubeconfig, reset, token, version\n',
  );
});

test('a command that was probably meant is named', async () => {
  expect((await kubeadm('inti')).stderr).toContain('Did you mean this?\n\tinit\n');
});
