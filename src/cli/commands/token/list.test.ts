import { expect, test } from 'vitest';

import { tokenSecret } from '../../../cluster/tokens.ts';
import { KubeApiError } from '../../../errors.ts';
import type { MemoryHost } from '../../../host/memory/index.ts';
import { controlPlaneHost } from '../../../phases/init/input.fixture.ts';
import { run } from '../../command.fixture.ts';

const group = 'system:bootstrappers:kubeadm:default-node-token';
const now = new Date('2026-01-02T03:04:05Z');
const usages = ['signing', 'authentication'];

function machine(): MemoryHost {
  return controlPlaneHost({ now, time: 'manual' });
}

function withTokens(): MemoryHost {
  const host = machine();
  const day = { token: 'abcdef.0123456789abcdef', ttl: 86_400_000, usages, groups: [group] };
  host.api.create(tokenSecret(day, now));
  host.api.create(
    tokenSecret({ token: 'fedcba.fedcba9876543210', description: 'a <b> & c', usages: [], groups: [] }, now),
  );
  return host;
}

/** Puts a Secret of the bootstrap token type with this data into the cluster. */
function put(host: MemoryHost, name: string, data: Readonly<Record<string, string>>): void {
  host.api.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  });
}

test('prints a table that aligns the header with the first row, and each further row by itself', async () => {
  const { code, stdout, stderr } = await run(withTokens(), ['token', 'list']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    `TOKEN                     TTL         EXPIRES                USAGES                   DESCRIPTION${' '.repeat(48)}EXTRA GROUPS\n` +
      `abcdef.0123456789abcdef   1d          2026-01-03T03:04:05Z   authentication,signing   <none>${' '.repeat(53)}${group}\n` +
      `fedcba.fedcba9876543210   <forever>   <never>   <none>                   a <b> & c${' '.repeat(50)}<none>\n`,
  );
});

test('prints an object for each token, with characters escaped as in Go', async () => {
  const { stdout } = await run(withTokens(), ['token', 'list', '-o', 'JSON']);
  expect(stdout).toBe(`{
    "kind": "BootstrapToken",
    "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
    "token": "abcdef.0123456789abcdef",
    "expires": "2026-01-03T03:04:05Z",
    "usages": [
        "authentication",
        "signing"
    ],
    "groups": [
        "${group}"
    ]
}
{
    "kind": "BootstrapToken",
    "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
    "token": "fedcba.fedcba9876543210",
    "description": "a \\u003cb\\u003e \\u0026 c"
}
`);
  const yaml = await run(withTokens(), ['token', 'list', '-o', 'yaml']);
  expect(yaml.stdout).toContain(
    `token: abcdef.0123456789abcdef\nusages:\n- authentication\n- signing\n---\n`,
  );
});

test.each(['text', 'json', 'yaml'])('prints nothing as %s if there are no tokens', async (format) => {
  expect(await run(machine(), ['token', 'list', '-o', format])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('leaves malformed Secrets out, and names the problem on stderr without the secret', async () => {
  const host = withTokens();
  const secret = 'aaaabbbbccccdddd';
  put(host, 'bootstrap-token-a', {});
  put(host, 'bootstrap-token-b', { 'token-id': 'bbbbbb', 'token-secret': secret });
  put(host, 'bootstrap-token-cccccc', { 'token-id': 'cccccc' });
  put(host, 'bootstrap-token-dddddd', { 'token-id': 'dddddd', 'token-secret': `${secret}!` });
  const dated = { 'token-id': 'eeeeee', 'token-secret': secret, expiration: '2026-02-30T00:00:00Z' };
  put(host, 'bootstrap-token-eeeeee', dated);
  const { code, stdout, stderr } = await run(host, ['token', 'list']);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  expect(stderr.trimEnd().split('\n')).toEqual([
    'warning: Secret kube-system/bootstrap-token-a is left out: it has no token-id',
    expect.stringContaining('bootstrap-token-b is left out: its name'),
    expect.stringContaining('bootstrap-token-cccccc is left out: it has no token-secret'),
    expect.stringContaining('bootstrap-token-dddddd is left out: its id and secret'),
    expect.stringContaining(
      'bootstrap-token-eeeeee is left out: its expiration "2026-02-30T00:00:00Z" is not a time',
    ),
  ]);
  expect(stderr).not.toContain(secret);
});

test('shows a time in its own zone as text and in UTC as JSON, and an expired token as invalid', async () => {
  const host = machine();
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'no' };
  put(host, 'bootstrap-token-abcdef', { ...data, expiration: '2026-01-02T04:00:00.5+02:00' });
  const { stdout } = await run(host, ['token', 'list']);
  expect(stdout).toContain('   <invalid>   2026-01-02T04:00:00+02:00   <none>  ');
  const json = await run(host, ['token', 'list', '-o', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ expires: '2026-01-02T02:00:00Z' });
});

test('replaces control characters of a description', async () => {
  const host = machine();
  const token = { token: 'abcdef.0123456789abcdef', usages, groups: [] };
  host.api.create(tokenSecret({ ...token, description: 'a\u001b[2Jb\nc' }, now));
  const { stdout } = await run(host, ['token', 'list']);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(stdout).toContain('a [2Jb c ');
});

test('a dry run prints only the tokens, and changes nothing', async () => {
  const { stdout } = await run(withTokens(), ['token', 'list', '--dry-run', '-o', 'json']);
  expect(stdout.startsWith('{\n')).toBe(true);
});

test('refuses an unknown format before it asks the cluster', async () => {
  const host = withTokens();
  const { code, stderr } = await run(host, ['token', 'list', '-o', 'xml']);
  expect(code).toBe(1);
  expect(stderr).toContain('"xml", allowed formats are: go-template,go-template-file,json,');
  expect(host.api.requests).toEqual([]);
});

test('refuses arguments', async () => {
  const { code, stderr } = await run(withTokens(), ['token', 'list', 'x']);
  expect(code).toBe(1);
  expect(stderr).toContain('unknown command "x" for "kubeadm token list"');
});

test('uses the kubeconfig of --kubeconfig, or searches for one', async () => {
  const environment = { KUBECONFIG: '/opt/none:/opt/other' };
  const host = controlPlaneHost({ environment });
  const other = (await host.files.readText('/etc/kubernetes/admin.conf')).replace(
    'lb.example',
    'other.example',
  );
  await host.files.write('/opt/other', other, { mode: 0o600 });
  await run(host, ['token', 'list']);
  await run(host, ['token', 'list', '--kubeconfig', '/etc/kubernetes/admin.conf']);
  expect(host.api.requests.map(({ server }) => server)).toEqual([
    'https://other.example:7443',
    'https://lb.example:7443',
  ]);
});

test('names the kubeconfig that does not exist', async () => {
  const host = controlPlaneHost({ environment: { HOME: '/root' } });
  await host.files.remove('/etc/kubernetes/admin.conf');
  const { code, stdout, stderr } = await run(host, ['token', 'list']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('error: there is no kubeconfig file /root/.kube/config\n');
  expect(stderr).toContain('--kubeconfig');
  const empty = controlPlaneHost({ files: { '/opt/empty': '' } });
  const { stderr: refused } = await run(empty, ['token', 'list', '--kubeconfig', '/opt/empty']);
  expect(refused).toContain('/opt/empty');
});

test('fails immediately if the cluster does not answer, or if the server refuses', async () => {
  const host = withTokens();
  host.api.reachable = false;
  const { code, stdout, stderr } = await run(host, ['token', 'list']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('error: the API server of the cluster does not answer: https://lb.example:7443: ');
  expect(stderr).toContain('is /etc/kubernetes/admin.conf its kubeconfig?');
  host.api.reachable = true;
  host.api.intercept = () => new KubeApiError(403, 'Forbidden', 'secrets is forbidden: User "x" cannot list');
  expect((await run(host, ['token', 'list'])).stderr).toContain('User "x" cannot list');
  expect(host.api.requests).toHaveLength(2);
});
