/** Bootstrap tokens of a real cluster: each kubeadm lists and deletes the tokens of the other, with the same output. */
import { expect } from 'vitest';

import { kubectl } from '../../../lab/cluster.ts';
import { LabError, type LabNode, type RunResult } from '../../../lab/index.ts';
import { upstream } from '../../support/interop.ts';

const programs = ['kubeadm', upstream];
const token = 'abcdef.0123456789abcdef';
const flags = [
  ...['--ttl', '90m', '--description', 'for <two> & more', '--usages', 'authentication'],
  ...['--groups', 'system:bootstrappers:a,system:bootstrappers:b'],
];

/** Expects that both programs create, list and delete the same tokens. Deletes all of them. */
export async function expectSameTokens(node: LabNode): Promise<void> {
  await sameSecrets(node);
  await sameLists(node);
  await sameJoinCommands(node);
  await sameRefusals(node);
  await dryRunsChangeNothing(node);
  await tokensOfAFile(node);
  await noCluster(node);
}

/** Each program creates the token, and the other one deletes it, by its id and by the whole token. */
async function sameSecrets(node: LabNode): Promise<void> {
  const data: unknown[] = [];
  for (const [program = '', other = '', named = ''] of [
    ['kubeadm', upstream, token],
    [upstream, 'kubeadm', 'abcdef'],
  ]) {
    expect(await run(node, program, ['create', token, ...flags])).toBe(`${token}\n`);
    const { data: found, type } = await secret(node);
    const { expiration = '', ...rest } = found;
    data.push({ ...rest, type });
    const until = Date.parse(Buffer.from(expiration, 'base64').toString());
    expect(Math.abs(until - Date.now() - 90 * 60_000)).toBeLessThan(60_000);
    expect(await run(node, other, ['list'])).toContain(token);
    expect(await run(node, other, ['delete', named])).toBe('bootstrap token "abcdef" deleted\n');
    expect(await run(node, program, ['list'])).not.toContain(token);
  }
  expect(data[0]).toEqual(data[1]);
}

/** Lists a token with all fields, one without any, and an invalid one. */
async function sameLists(node: LabNode): Promise<void> {
  await run(node, 'kubeadm', ['create', '000000.0123456789abcdef', '--ttl', '0']);
  await run(node, upstream, ['create', token, ...flags]);
  for (const format of ['text', 'json', 'yaml', 'JSON']) {
    const [mine, theirs] = await both(node, ['list', '-o', format]);
    expect(mine.stdout).toBe(theirs.stdout);
    expect(mine.stdout).toContain(token);
  }
  const broken = ['create', 'secret', 'generic', 'bootstrap-token-broken', '-n', 'kube-system'];
  await kubectl(node, [...broken, '--type=bootstrap.kubernetes.io/token', '--from-literal=token-id=broken']);
  const [mine, theirs] = await both(node, ['list']);
  expect(mine.stdout).toBe(theirs.stdout);
  expect([mine.code, theirs.code]).toEqual([0, 0]);
  for (const { stderr } of [mine, theirs]) expect(stderr).toMatch(/bootstrap-token-broken/);
  await kubectl(node, ['delete', 'secret', '-n', 'kube-system', 'bootstrap-token-broken']);
  await run(node, 'kubeadm', ['delete', '000000', token]);
}

async function sameJoinCommands(node: LabNode): Promise<void> {
  const key = '0123456789abcdef'.repeat(4);
  for (const more of [[], ['--certificate-key', key]]) {
    const commands: string[] = [];
    for (const program of programs) {
      commands.push(await run(node, program, ['create', token, '--print-join-command', ...more]));
      await run(node, program, ['delete', token]);
    }
    expect(commands[0]).toBe(commands[1]);
    expect(commands[0]).toMatch(/^kubeadm join \S+:6443 --token \S+ --discovery-token-ca-cert-hash sha256:/);
  }
}

async function sameRefusals(node: LabNode): Promise<void> {
  await run(node, 'kubeadm', ['create', token]);
  for (const [words, begin, end] of [
    [['create', token], 'a token with id "abcdef" already exists', ''],
    [
      ['delete', 'nobody'],
      'failed to delete bootstrap token "nobody": ',
      'secrets "bootstrap-token-nobody" not found',
    ],
  ] as const) {
    for (const result of await both(node, words)) {
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain(`error: ${begin}`);
      expect(result.stderr).toContain(end);
    }
  }
  await run(node, upstream, ['delete', token]);
}

async function dryRunsChangeNothing(node: LabNode): Promise<void> {
  const before = await tokenIds(node);
  for (const result of await both(node, ['create', token, '--dry-run'])) {
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('[dryrun] Would perform action CREATE on resource "secrets"');
    expect(result.stdout.endsWith(`\n${token}\n`)).toBe(true);
  }
  for (const result of await both(node, ['delete', before[0] ?? '', '--dry-run'])) {
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('[dryrun] Would perform action DELETE on resource "secrets"');
  }
  expect(await tokenIds(node)).toEqual(before);
}

async function tokensOfAFile(node: LabNode): Promise<void> {
  const file = '/root/tokens.yaml';
  await node.writeFile(
    file,
    'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n' +
      `bootstrapTokens: [{ token: ${token}, ttl: 1h }, { token: fedcba.fedcba9876543210, ttl: 0s }]\n` +
      '---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.2\n',
    0o600,
  );
  for (const program of programs) {
    expect(await run(node, program, ['create', '--config', file])).toBe(`${token}\n`);
    expect(await tokenIds(node)).toEqual(expect.arrayContaining(['abcdef', 'fedcba']));
    await run(node, program, ['delete', 'abcdef', 'fedcba']);
  }
}

/** Expects a clear error at once, and nothing on stdout, if the API server does not run. */
async function noCluster(node: LabNode): Promise<void> {
  const admin = await node.readFile('/etc/kubernetes/admin.conf');
  await node.writeFile('/root/.kube/config', admin.replace(/(server: \S+):6443/, '$1:1'), 0o600);
  const { code, stderr, stdout } = await node.exec(['env', 'HOME=/root', 'kubeadm', 'token', 'list']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/the API server of the cluster does not answer: .*:1.*connection refused/);
  expect(stderr).toContain('/root/.kube/config');
  const named = ['--kubeconfig', '/etc/kubernetes/admin.conf'];
  await node.mustExec(['env', 'HOME=/root', 'kubeadm', 'token', 'list', ...named]);
}

async function attempt(node: LabNode, program: string, words: readonly string[]): Promise<RunResult> {
  return await node.exec([program, 'token', ...words], { timeoutMs: 90_000 });
}

async function run(node: LabNode, program: string, words: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await attempt(node, program, words);
  if (code !== 0) throw new LabError(`${program} token ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function both(node: LabNode, words: readonly string[]): Promise<readonly [RunResult, RunResult]> {
  return [await attempt(node, 'kubeadm', words), await attempt(node, upstream, words)];
}

interface SecretObject {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

async function secret(node: LabNode): Promise<SecretObject> {
  const args = ['get', 'secret', '-n', 'kube-system', 'bootstrap-token-abcdef', '-o', 'json'];
  return JSON.parse(await kubectl(node, args)) as SecretObject;
}

async function tokenIds(node: LabNode): Promise<readonly string[]> {
  const names = await kubectl(node, ['get', 'secrets', '-n', 'kube-system', '-o', 'name']);
  return [...names.matchAll(/bootstrap-token-([a-z0-9]{6})$/gm)].map(([, id = '']) => id);
}
