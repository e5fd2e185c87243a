import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

import { createMemoryHost } from '../../host/memory/index.ts';
import { run } from '../command.fixture.ts';

async function script(shell: string): Promise<string> {
  return (await run(createMemoryHost(), ['completion', shell])).stdout;
}

/** A shell function in the place of kubeadm, which prints the words that it gets. */
const fake = `kubeadm() { printf '%s\\thelp\\n' "$@"; }`;

test.each(['kubeadm', 'k'])(
  'bash completes %s with the function name of upstream, which aliases use',
  async (name) => {
    const commands = [
      fake,
      await script('bash'),
      'complete -o default -F __start_kubeadm k',
      `complete -p ${name}`,
      `COMP_WORDS=(${name} certs ren); COMP_CWORD=2; __start_kubeadm; echo "\${COMPREPLY[*]}"`,
    ];
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', commands.join('\n')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toContain(`-F __start_kubeadm ${name}\n`);
    expect(stdout.split('\n').slice(1).join(' ')).toContain('__complete certs ren');
  },
);

test('the zsh script defines the function name that aliases use', async () => {
  expect(await script('zsh')).toContain('\n__start_kubeadm() {\n');
});
