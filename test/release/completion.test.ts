/** Types into real shells, and presses Tab. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openWindow, type TerminalWindow } from '../support/terminal.ts';
import { mustRun, temporaryFolder } from './builds.ts';
import { unpack } from './debian-package.ts';

const programs = path.resolve(import.meta.dirname, '../../dist');
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const libraries = `${folder}/usr/lib/x86_64-linux-gnu`;
const packages = { fish: '', 'fish-common': '', 'libpcre2-32-0': '', zsh: '', 'zsh-common': '' };

/** The settings of each shell, its file for them, and the command that starts it with this file. */
const shells = {
  bash: {
    file: 'bashrc',
    settings: [
      "PS1='ready> '",
      `. ${folder}/bash.completion`,
      'alias k=kubeadm',
      'complete -o default -F __start_kubeadm k',
    ],
    start: `bash --noprofile --rcfile ${folder}/bashrc`,
  },
  zsh: {
    file: '.zshrc',
    settings: [
      `module_path=(${folder}/usr/lib/*/zsh/*)`,
      `fpath=(${folder}/usr/share/zsh/functions/**/*(/))`,
      "PS1='ready> '",
      'autoload -Uz compinit',
      'compinit -u -D',
      `. ${folder}/zsh.completion`,
      'alias k=kubeadm',
      'compdef __start_kubeadm k',
    ],
    start: `ZDOTDIR=${folder} ${folder}/bin/zsh -d`,
  },
  fish: {
    file: 'config.fish',
    settings: [
      "function fish_prompt; echo -n 'ready> '; end",
      `source ${folder}/fish.completion`,
      'alias k kubeadm',
      "complete -c k -a '(__start_kubeadm)'",
    ],
    start: `LD_LIBRARY_PATH=${libraries} ${folder}/usr/bin/fish --no-config -C 'source ${folder}/config.fish'`,
  },
} as const;

beforeAll(async () => {
  await unpack(packages, folder);
  for (const [shell, { file, settings }] of Object.entries(shells)) {
    const script = await mustRun(path.join(programs, 'kubeadm'), ['completion', shell]);
    writeFileSync(path.join(folder, `${shell}.completion`), script);
    writeFileSync(path.join(folder, file), `${settings.join('\n')}\n`);
  }
}, 300_000);

describe.each(['bash', 'zsh', 'fish'] as const)('%s completes', (shell) => {
  let window: TerminalWindow;
  beforeAll(async () => {
    window = await openWindow({ columns: 160, rows: 40 });
    window.type(`cd ${folder}; export HOME=${folder} PATH=${programs}:$PATH; ${shells[shell].start}`);
    await window.until(/^ready>$/m);
  }, 120_000);
  afterAll(() => window.close());

  test.each([
    ['a command', 'kubeadm ini', 'kubeadm init'],
    ['a sub-command', 'kubeadm config im', 'kubeadm config images'],
    ['a flag', 'kubeadm init --skip-ph', 'kubeadm init --skip-phases'],
    ['a value of a flag', 'kubeadm version -o sh', 'kubeadm version -o short'],
    ['a value behind an equals sign', 'kubeadm version --output=sh', 'kubeadm version --output=short'],
    ['a file', 'kubeadm init --config bashr', 'kubeadm init --config bashrc'],
    ["an alias with the name of upstream's function", 'k ini', 'k init'],
  ])('%s', async (_name, typed, completed) => {
    window.press(typed);
    window.press('Tab');
    expect((await window.until(new RegExp(`^ready> ${completed}$`, 'm'))).trim()).toContain(completed);
    window.press('C-u');
    await window.until(/^ready>$/m);
  });
});
