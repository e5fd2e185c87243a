import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { configuration, run } from './command.fixture.ts';
import { configFile, controlPlane } from './commands/certs/certs.fixture.ts';

const kubeadm = async (line: string) => await run(createMemoryHost(), line.split(' '));

test('the error for an unknown command lists the commands', async () => {
  const { code, stderr } = await kubeadm('nope');
  expect(code).toBe(1);
  expect(stderr).toContain('error: unknown command "nope" for "kubeadm"\n');
  expect(stderr).toContain(
    'hint: the commands are certs, completion, config, doctor, init, join, kubeconfig, reset, token, upgrade, version\n',
  );
});

test.each(['alpha', 'alpha --help', 'help alpha', 'alpha anything'])(
  'kubeadm %s prints a help text without a usage',
  async (line) => {
    expect(await kubeadm(line)).toEqual({ code: 0, stdout: 'Experimental sub-commands\n\n', stderr: '' });
  },
);

test.each([
  ['', 0],
  ['kubeconfig', 0],
  ['config', 1],
  ['version', 1],
])('`kubeadm %s --rootfs` changes the root directory %d times', async (word, times) => {
  const changed: string[] = [];
  const changeRoot = async (path: string): Promise<void> => void changed.push(path);
  const line = [...(word === '' ? [] : [word]), '--rootfs=/mnt'];
  await run(createMemoryHost(), line, undefined, { changeRoot });
  expect(changed).toHaveLength(times);
});

test('help refuses a flag that only the command has', async () => {
  expect((await kubeadm('help token --v=1')).code).toBe(0);
  const { code, stderr } = await kubeadm('help token --kubeconfig=/root/admin.conf');
  expect(code).toBe(1);
  expect(stderr).toContain('error: unknown flag: --kubeconfig\n');
});

test('the error for a misspelled command suggests the right one', async () => {
  expect((await kubeadm('inti')).stderr).toContain('Did you mean this?\n\tinit\n');
});

test.each([
  ['-- version', 'kubeadm', 'version'],
  ['certs -- renew', 'kubeadm certs', 'renew'],
])('the error for `%s` shows the command without the dashes', async (line, parent, word) => {
  const { code, stderr } = await kubeadm(line);
  expect(code).toBe(1);
  expect(stderr).toContain(`error: "${word}" behind "--" is not a command of "${parent}"\n`);
  expect(stderr).toContain(`hint: write \`${parent} ${word}\`, without "--"\n`);
});

test('a flag of a sub-command can stand before the name of the sub-command', async () => {
  const line = `certs --config ${configFile} renew apiserver-kubelet-client`;
  const { code, stderr, stdout } = await run(await controlPlane(), line.split(' '));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(' renewed\n');
});

test('the error names an unknown flag that stands before a sub-command', async () => {
  expect((await kubeadm('certs --bogus x renew all')).stderr).toContain('error: unknown flag: --bogus\n');
});

test('flags for templates and managed fields have no effect in other formats', async () => {
  const line = 'config images list --kubernetes-version v1.36.2 -o json';
  const plain = await kubeadm(line);
  expect(plain.code).toBe(0);
  expect(await kubeadm(`${line} --allow-missing-template-keys=false --show-managed-fields`)).toEqual(plain);
});

test('an uncaught exception ends the command and shows its stack', async () => {
  const failure = AbortSignal.abort(new Error('from a listener'));
  const host = createMemoryHost({ files: { '/kubeadm.yaml': 'kind: none' } });
  const { code, stderr } = await run(host, ['config', 'validate', '--config', '/kubeadm.yaml'], undefined, {
    failure,
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: from a listener\n {4}at /m);
});

test('a dry run that is refused because of its ignored checks leaves no directory', async () => {
  const host = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
  const line = 'init --dry-run --config /kubeadm.yaml --ignore-preflight-errors=all,Swap';
  const before = Object.keys(host.snapshot());
  const { code, stderr } = await run(host, line.split(' '));
  expect(code).toBe(1);
  expect(stderr).toContain('all');
  expect(Object.keys(host.snapshot())).toEqual(before);
});
