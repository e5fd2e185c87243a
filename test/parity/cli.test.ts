/** Compares the command line with that of upstream: flags, types, defaults, and the results of unusual input. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { type Command, loadCommand } from '../../src/cli/command.ts';
import { tableFlags } from '../../src/cli/flags.ts';
import { root } from '../../src/cli/root.ts';

const ours = path.resolve(import.meta.dirname, '../../dist/kubeadm');
const { programs } = await ensureComponents({ set: 'compare' });
const upstream = programs.kubeadm;

function run(binary: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(binary, args, {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
  });
  return { code: status, stdout, stderr };
}

/** Returns the flags in a help text with their types and defaults, such as `--config string` or `-v, --v Level`. */
function flagsInHelp(help: string): readonly string[] {
  const found = help.matchAll(/^\s+(?:-(\w), )?--([\w-]+)(?: ([A-Za-z]\w*))?(?:\s{2,}|$)(.*)/gm);
  return [...found]
    .map(([, short = '', name = '', type = 'bool', usage = '']) => {
      const preset = /\(default (.*)\)\s*$/.exec(usage)?.[1] ?? '';
      return `--${name} ${short} ${type} ${preset}`;
    })
    .sort();
}

function commandsInHelp(help: string): readonly string[] {
  const section = /^Available Commands:\n((?: {2}\S.*\n)+)/m.exec(help)?.[1] ?? '';
  return [...section.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).sort();
}

/** Returns the paths of all commands of this kubeadm, without the root. */
async function allPaths(
  command: Command,
  prefix: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const children = await Promise.all(
    (command.commands ?? []).map(async (entry) => {
      const child = await loadCommand(entry);
      return [[...prefix, child.name], ...(await allPaths(child, [...prefix, child.name]))];
    }),
  );
  return children.flat();
}

/** The commands that upstream does not have. docs/differences.md lists each. */
const addedCommands = ['config schema', 'doctor'];

const paths = await allPaths(root, []);

/** The flags that upstream does not have. docs/differences.md lists each. */
const addedFlags = ['all', 'kind', 'output-events', 'output-result', 'restart', 'timeline'];

function withoutAdded(flags: readonly string[]): readonly string[] {
  return flags.filter((line) => !addedFlags.some((name) => line.startsWith(`--${name} `)));
}

describe('help', () => {
  const shared = paths.filter((words) => !addedCommands.includes(words.join(' ')));
  test.each(shared.map((words) => [words.join(' '), words] as const))(
    '%s has the flags and sub-commands of upstream',
    (_name, words) => {
      const theirs = run(upstream, [...words, '--help']);
      const mine = run(ours, [...words, '--help']);
      expect(mine.code).toBe(0);
      expect(withoutAdded(flagsInHelp(mine.stdout))).toEqual(flagsInHelp(theirs.stdout));
      const isShared = (name: string): boolean => !addedCommands.includes([...words, name].join(' '));
      expect(commandsInHelp(mine.stdout).filter(isShared)).toEqual(commandsInHelp(theirs.stdout));
    },
  );
});

test('each flag that upstream does not have is marked in the table and listed in docs/differences.md', () => {
  expect(
    tableFlags()
      .filter(({ added }) => added === true)
      .map(({ name }) => name),
  ).toEqual(addedFlags);
  const differences = readFileSync(path.resolve(import.meta.dirname, '../../docs/differences.md'), 'utf8');
  for (const name of addedFlags) expect(differences).toContain(`\`--${name}`);
});

describe('unusual input has the same result and the same first words', () => {
  test.each([
    [['bogus']],
    [['init', 'phase']],
    [['init', 'phase', 'bogus']],
    [['init', 'phase', 'certs']],
    [['init', 'phase', 'certs', 'bogus']],
    [['init', 'phase', 'certs', 'ca', 'extra']],
    [['init', 'extra']],
    [['init', '--bogus']],
    [['init', '-x']],
    [['init', '--config']],
    [['init', '-v']],
    [['init', '-v=x']],
    [['init', '--v=99999999999']],
    [['init', '--dry-run=maybe']],
    [['init', '--apiserver-bind-port=70000000000']],
    [['init', '--token-ttl=soon']],
    [['alpha']],
    [['join', 'phase']],
    [['join', 'phase', 'bogus']],
    [['join', 'phase', 'check-etcd']],
    [['join', 'phase', 'control-plane-prepare']],
    [['join', 'phase', 'etcd-join', 'extra']],
    [['join', 'phase', 'preflight', 'a:1', 'b:2']],
    [['join', 'a:1', 'b:2']],
    [['join', '--config', 'x', '--token', 'a', '--control-plane']],
    [['init', '--config', 'x', '--pod-network-cidr', '10.0.0.0/8', '--token', 'a']],
    [['init', 'phase', 'show-join-command']],
    [['config']],
    [['config', 'print']],
    [['config', 'images']],
    [['config', 'validate']],
    [['config', 'migrate']],
    [['config', 'print', 'init-defaults', '--component-configs', 'Bogus']],
    [['completion']],
    [['completion', 'tcsh']],
    [['completion', 'bash', 'zsh']],
    [['version', '--vmodule=x']],
    [['version', '--vmodule=a=1,b=2,']],
    [['--dry-run', 'init']],
    [['certs', '--bogus', 'x', 'renew', 'all']],
    [['token', '-o', 'json', 'list', 'extra']],
    [['version', '-o', 'xml']],
    [['version', '-o=']],
    [['token']],
    [['token', 'create', '--ttl', 'soon']],
    [['token', 'create', '--config', 'x', '--ttl', '1h', '--usages', 'signing', '--certificate-key', 'a']],
    [['token', 'create', '--print-join-command=maybe']],
    [['token', 'list', 'extra']],
    [['token', 'list', '--bogus']],
    [['certs']],
    [['certs', 'check-expiration', 'extra']],
    [['certs', 'check-expiration', '--cert-dir', 'relative']],
    [['certs', 'check-expiration', '--output']],
    [['certs', 'generate-csr', 'extra']],
    [['certs', 'renew']],
    [['certs', 'renew', 'bogus']],
    [['certs', 'renew', 'all', 'extra']],
    [['certs', 'renew', 'apiserver', '--csr-only']],
    [['certs', 'renew', 'apiserver', '--cert-dir', 'relative']],
    [['kubeconfig']],
    [['kubeconfig', 'user']],
    [['kubeconfig', 'user', 'extra']],
    [['reset', '--unknown']],
    [['init', 'phase', 'control-plane', 'scheduler', '--scheduler-extra-args', 'a=b,c=d=e']],
    [['reset', '--force', '--dry-run', '--cert-dir', 'relative']],
    [['reset', '--force', '--dry-run', '--cri-socket', 'http://x']],
    [['config', 'images', 'list', '--kubernetes-version', 'v1.36.2', '--feature-gates', 'Bogus=true']],
    [['config', 'images', 'list', '--kubernetes-version', 'v1.36.2', '--feature-gates', 'PublicKeysECDSA']],
  ])('both programs refuse or accept %j with the same first words', (args) => {
    const theirs = run(upstream, args);
    const mine = run(ours, args);
    expect(mine.code).toBe(theirs.code);
    // Upstream lists its shells in the random order of a Go map.
    const firstLine = (text: string): string =>
      (text.split('\n').find((line) => /^error: ./.test(line)) ?? '').replace(
        /\[(?:zsh bash|bash zsh)\]/,
        '[bash fish zsh]',
      );
    expect(firstLine(mine.stderr)).toBe(firstLine(theirs.stderr));
  });
});

test('a text that is not a version is refused', () => {
  const { code, stderr } = run(ours, ['config', 'images', 'list', '--kubernetes-version', 'banana']);
  expect(code).toBe(1);
  expect(stderr).toContain('version "banana" doesn\'t match patterns');
});

test.each([
  [['version', '-o', 'short']],
  [['config', 'print', 'init-defaults']],
  [
    [
      'config',
      'print',
      'init-defaults',
      '--component-configs',
      'KubeletConfiguration,KubeProxyConfiguration',
    ],
  ],
  [['config', 'print', 'join-defaults']],
  [['config', 'print', 'reset-defaults']],
  [['config', 'print', 'upgrade-defaults']],
  [['config', 'images', 'list', '--kubernetes-version', 'v1.36.2']],
  [
    [
      'config',
      'images',
      'list',
      '--kubernetes-version',
      'v1.35.0',
      '--image-repository',
      'a.example/b',
      '-o',
      'json',
    ],
  ],
  [['config', 'images', 'list', '--kubernetes-version', 'ci/v1.36.0', '-o', 'yaml']],
  [['config', 'images', 'list', '--kubernetes-version', 'v1.36.2', '-o', 'JSON']],
])('%j prints the same bytes', (args) => {
  expect(run(ours, args).stdout).toBe(run(upstream, args).stdout);
});
