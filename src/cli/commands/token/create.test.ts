import { describe, expect, test } from 'vitest';

import { tokenSecret } from '../../../cluster/tokens.ts';
import { KubeApiError, NetError } from '../../../errors.ts';
import type { MemoryHost, MemoryHostOptions } from '../../../host/memory/index.ts';
import { caPin, certificateKey, controlPlaneHost, token } from '../../../phases/init/input.fixture.ts';
import { configuration, run } from '../../command.fixture.ts';

const group = 'system:bootstrappers:kubeadm:default-node-token';
const defaults = {
  'auth-extra-groups': group,
  expiration: '2026-01-03T03:04:05Z',
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
  'usage-bootstrap-signing': 'true',
};
const file = '/root/kubeadm.yaml';

function machine(options: MemoryHostOptions = {}): MemoryHost {
  return controlPlaneHost({ now: new Date('2026-01-02T03:04:05Z'), ...options });
}

/** Returns a machine whose configuration file has these tokens, given as YAML. */
function configured(tokens: string, options: MemoryHostOptions = {}): MemoryHost {
  const text = configuration.replace('localAPIEndpoint', `bootstrapTokens: ${tokens}\nlocalAPIEndpoint`);
  return machine({ ...options, files: { [file]: text } });
}

/** Returns the data of the bootstrap token Secrets in the cluster, by their names. */
function created(host: MemoryHost): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const secrets = host.api.list('v1', 'Secret', { fieldSelector: 'type=bootstrap.kubernetes.io/token' });
  return Object.fromEntries(
    secrets.map(({ data, metadata }) => [
      metadata.name,
      Object.fromEntries(
        Object.entries(data as Record<string, string>).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64').toString(),
        ]),
      ),
    ]),
  );
}

async function create(host: MemoryHost, ...argv: string[]) {
  return await run(host, ['token', 'create', ...argv]);
}

describe('token create', () => {
  test('creates the token of the argument, and prints only the token', async () => {
    const host = machine();
    expect(await create(host, token, 'ignored')).toEqual({ code: 0, stdout: `${token}\n`, stderr: '' });
    expect(created(host)).toEqual({ 'bootstrap-token-abcdef': defaults });
  });

  test('creates a random token without an argument', async () => {
    const host = machine();
    const { stdout } = await create(host, '');
    expect(stdout).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}\n$/);
    const [id, secret] = stdout.trim().split('.');
    expect(created(host)[`bootstrap-token-${id}`]).toMatchObject({ 'token-id': id, 'token-secret': secret });
  });

  test('reads the time to live, usages, groups and description from flags', async () => {
    const host = machine();
    const groups = ['--groups', 'system:bootstrappers:a,system:bootstrappers:b'];
    await create(
      host,
      token,
      '--ttl',
      '90m',
      '--usages',
      'authentication',
      ...groups,
      '--description',
      'for b',
    );
    expect(created(host)['bootstrap-token-abcdef']).toEqual({
      'auth-extra-groups': 'system:bootstrappers:a,system:bootstrappers:b',
      description: 'for b',
      expiration: '2026-01-02T04:34:05Z',
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
    });
  });

  test('a token with --ttl 0 never expires, and empty lists mean the defaults', async () => {
    const host = machine();
    await create(host, token, '--ttl', '0', '--usages=', '--groups=');
    const { expiration: _, ...rest } = defaults;
    expect(created(host)['bootstrap-token-abcdef']).toEqual(rest);
  });

  test('creates all tokens of a file, and prints the first', async () => {
    const host = configured(`[{ token: ${token} }, { token: fedcba.fedcba9876543210, ttl: 1h }]`);
    expect(await create(host, '--config', file)).toEqual({ code: 0, stdout: `${token}\n`, stderr: '' });
    expect(Object.keys(created(host))).toEqual(['bootstrap-token-abcdef', 'bootstrap-token-fedcba']);
  });

  test('warns that it does not create the token of the argument if --config is set', async () => {
    const host = configured('[]');
    const { code, stdout, stderr } = await create(host, token, '--config', file);
    expect(code).toBe(0);
    expect(stdout).not.toContain(token);
    expect(stderr).toBe(
      `warning: the token of the command line is not created, because ${file} has the tokens\n`,
    );
    expect(Object.keys(created(host))).toHaveLength(1);
  });

  test('prints the join command on one line', async () => {
    const worker = `kubeadm join lb.example:7443 --token ${token} --discovery-token-ca-cert-hash ${caPin} `;
    expect((await create(machine(), token, '--print-join-command')).stdout).toBe(`${worker}\n`);
    const key = ['--certificate-key', certificateKey];
    expect((await create(machine(), token, '--print-join-command', ...key)).stdout).toBe(
      `${worker}--control-plane --certificate-key ${certificateKey}\n`,
    );
    const host = configured(`[{ token: ${token} }]`);
    expect((await create(host, '--config', file, '--print-join-command')).stdout).toBe(`${worker}\n`);
  });

  test('prints in a dry run the call that it would make, and creates nothing', async () => {
    const host = machine();
    const { code, stdout } = await create(host, token, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '[dryrun] Would perform action CREATE on resource "secrets" in API group "core/v1"\n',
    );
    expect(stdout).toContain('  name: bootstrap-token-abcdef\n');
    expect(stdout.endsWith(`\n${token}\n`)).toBe(true);
    expect(created(host)).toEqual({});
    host.api.reachable = false;
    expect((await create(host, token, '--dry-run')).code).toBe(0);
  });
});

describe('token create refuses before it asks the cluster', () => {
  test.each([
    [['short.0123456789abcdef'], 'its id has 5 characters instead of 6'],
    [['abcdef.0123'], 'its secret has 4 characters instead of 16'],
    [['abcdef.0123456789ABCDEF'], 'characters other than a-z and 0-9'],
    [['abcdef0123456789abcdef'], 'not two parts with a dot between'],
    [['--usages', 'signing,flying,authentication'], '--usages: Invalid value'],
    [['--usages', 'flying,authentication'], 'usage flying: allowed are signing, authentication'],
    [['--usages', 'signing'], 'token groups cannot be specified unless usages includes "authentication"'],
    [['--groups', 'admins'], '--groups: Invalid value: "admins": bootstrap group must match'],
    [['--ttl=-1h'], '--ttl: Invalid value: "-1h0m0s": it must not be negative'],
    [['--ttl', 'soon'], 'invalid duration'],
    [['--certificate-key', certificateKey], 'cannot use --certificate-key without --print-join-command'],
    [['--print-join-command', '--certificate-key', '0123'], 'it has 2 bytes, and must have 32'],
    [['--print-join-command', '--certificate-key', 'xyz'], 'certificate key is not hexadecimal'],
    [['--config', file, '--ttl', '1h'], "can not mix '--config' with arguments [ttl]"],
    [['--config', '/none'], '/none'],
  ])('%j', async (argv, message) => {
    const host = configured('[]');
    const { code, stdout, stderr } = await create(host, ...argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(host.api.requests).toEqual([]);
    for (const secret of ['0123456789', 'ABCDEF', certificateKey, 'xyz'])
      expect(stderr).not.toContain(secret);
  });

  test('names the place of a bad token in a file', async () => {
    const { code, stderr } = await create(configured('[{}, { ttl: -1s }]'), '--config', file);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}: document 1, line 3, bootstrapTokens[1].ttl: Invalid value: "-1s"`);
  });

  test('creates no token if it cannot print the join command', async () => {
    const host = machine();
    const admin = await host.files.readText('/etc/kubernetes/admin.conf');
    const without = admin.replace(/ +certificate-authority-data: .*\n/, '');
    await host.files.write('/opt/config', without, { mode: 0o600 });
    const { code, stderr } = await create(host, '--print-join-command', '--kubeconfig', '/opt/config');
    expect(code).toBe(1);
    expect(stderr).toContain('no CA certificate');
    expect(created(host)).toEqual({});
  });
});

describe('token create and the cluster', () => {
  const other = { token: 'fedcba.fedcba9876543210', usages: [], groups: [] };

  test('refuses a token that exists, also in a dry run, and does not change it', async () => {
    const host = machine();
    host.api.create(tokenSecret({ ...other, token: 'abcdef.aaaaaaaaaaaaaaaa' }, host.clock.now()));
    for (const more of [[], ['--dry-run']]) {
      const { code, stderr } = await create(host, token, ...more);
      expect(code).toBe(1);
      expect(stderr).toContain('error: a token with id "abcdef" already exists\nhint: Use another id');
      expect(stderr).not.toContain('0123456789abcdef');
    }
    expect(created(host)['bootstrap-token-abcdef']?.['token-secret']).toBe('aaaaaaaaaaaaaaaa');
  });

  test('creates none of several tokens if one exists, or if two have the same id', async () => {
    const host = configured(`[{ token: ${token} }, { token: ${other.token} }]`);
    host.api.create(tokenSecret(other, host.clock.now()));
    const { code, stdout, stderr } = await create(host, '--config', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('a token with id "fedcba" already exists');
    expect(Object.keys(created(host))).toEqual(['bootstrap-token-fedcba']);
    const twice = configured(`[{ token: ${token} }, { token: abcdef.fedcba9876543210 }]`);
    expect((await create(twice, '--config', file)).stderr).toContain(
      'two of the tokens to create have the id "abcdef"',
    );
    expect(created(twice)).toEqual({});
  });

  test('waits a minute for a cluster that does not answer, and reports that on stderr', async () => {
    const host = machine();
    host.api.reachable = false;
    const { code, stdout, stderr } = await create(host, token);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Waiting for the API server at https://lb.example:7443 to say whether');
    expect(stderr).toMatch(/error: waited 1m0s for the API server .*connection refused/);
    expect(host.clock.monotonic()).toBeLessThan(61_000);
  });

  test('succeeds if the cluster answers in time, also if the answer to a request was lost', async () => {
    const host = machine();
    let tries = 0;
    host.api.intercept = ({ verb, body }) => {
      if (verb !== 'create') return undefined;
      tries += 1;
      // The first request arrives, and its answer is lost.
      if (tries === 1) host.api.create(body as Parameters<typeof host.api.create>[0]);
      return tries < 3 ? new NetError('the connection was reset', 'ECONNRESET') : undefined;
    };
    const { code, stdout, stderr } = await create(host, token);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${token}\n` });
    expect(stderr).toContain('Waited ');
  });

  test.each([
    [new KubeApiError(401, 'Unauthorized', 'Unauthorized'), 'Unauthorized'],
    [new KubeApiError(403, 'Forbidden', 'secrets is forbidden'), 'secrets is forbidden'],
    [
      new NetError('https://x: not trusted', 'SELF_SIGNED_CERT_IN_CHAIN'),
      'does not answer: https://x: not trusted',
    ],
  ])('does not retry a permanent error: %s', async (answer, message) => {
    const host = machine();
    host.api.intercept = () => answer;
    const { code, stdout, stderr } = await create(host, token);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('Waiting');
  });

  test('names the tokens that it created before one that failed', async () => {
    const host = configured(`[{ token: ${token} }, { token: ${other.token} }]`);
    host.api.intercept = ({ name, verb }) =>
      verb === 'create' && name.endsWith('fedcba') ? new KubeApiError(403, 'Forbidden', 'quota') : undefined;
    const { code, stdout, stderr } = await create(host, '--config', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'error: quota; created before that: abcdef\nhint: Delete it with "kubeadm token delete abcdef"',
    );
  });

  test('stops when its signal is aborted', async () => {
    const host = machine();
    const stop = new AbortController();
    host.api.intercept = () => {
      stop.abort();
      return new NetError('the connection was reset', 'ECONNRESET');
    };
    expect((await run(host, ['token', 'create'], stop.signal)).code).toBe(1);
    expect(host.api.requests).toHaveLength(1);
  });
});

describe('token create --dry-run', () => {
  test.each([
    ['no server', 'server: https', 'x-server: https', 'has no server'],
    [
      'a plugin',
      'client-key-data:',
      'exec: {command: id}\n    client-key-data:',
      'by exec, which kubeadm does not',
    ],
    [
      'a file beside the data',
      'client-key-data:',
      'client-key: /k\n    client-key-data:',
      'both client-key-data',
    ],
    ['no user', 'users:', 'x-users:', 'the user "kubernetes-admin" of its current context is missing'],
  ])('refuses a kubeconfig with %s, as without --dry-run', async (_name, from, to, message) => {
    const host = machine();
    const path = '/etc/kubernetes/admin.conf';
    const before = await host.files.readText(path);
    expect(before).toContain(from);
    host.disk.put({ [path]: before.replace(from, to) });
    for (const flags of [['--dry-run'], []]) {
      const { code, stderr } = await create(host, ...flags);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    }
  });
});
