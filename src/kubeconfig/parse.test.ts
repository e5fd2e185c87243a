import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { loadKubeconfig } from './load.ts';
import { parseKubeconfig } from './parse.ts';
import { formatKubeconfig } from './write.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9:@.-]{0,20}$/);
// The YAML package reads a single dot as a number, and Go reads it as a text.
const text = fc
  .string({ minLength: 1, unit: 'grapheme-ascii' })
  .filter((value) => !/^[-+]?\._*$/.test(value));
const named = <T>(entry: fc.Arbitrary<T>): fc.Arbitrary<(T & { name: string })[]> =>
  fc
    .uniqueArray(fc.tuple(name, entry), { selector: ([key]) => key, maxLength: 4 })
    .map((pairs) =>
      pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ ...value, name: key })),
    );

const kubeconfigs: fc.Arbitrary<Kubeconfig> = fc.record({
  currentContext: name,
  clusters: named(
    fc.record(
      { server: text, certificateAuthorityData: text, certificateAuthority: text, proxyUrl: text },
      { requiredKeys: ['server'] },
    ),
  ),
  contexts: named(
    fc.record({ cluster: name, user: name, namespace: name }, { requiredKeys: ['cluster', 'user'] }),
  ),
  users: named(
    fc.record(
      {
        clientCertificateData: text,
        clientKeyData: text,
        token: text,
        tokenFile: text,
        username: text,
        password: text,
        as: text,
        asUid: text,
        asGroups: fc.array(text, { minLength: 1 }),
        asUserExtra: fc.constantFrom({ scope: ['a', 'b'] }, { 'example.com/x': [] }),
      },
      { requiredKeys: [] },
    ),
  ),
});

describe('parseKubeconfig and formatKubeconfig', () => {
  test('a kubeconfig is read back as it was written', () => {
    fc.assert(
      fc.property(kubeconfigs, (config) => {
        expect(parseKubeconfig(formatKubeconfig(config), '/f')).toEqual(config);
      }),
    );
  });

  test('keep fields that kubeadm does not know', () => {
    const before = `apiVersion: v1
clusters:
- cluster:
    proxy-url: http://p
    server: https://a
  name: c
contexts: null
current-context: ""
extensions:
- name: x
kind: Config
users:
- name: u
  user:
    exec:
      command: id
    token: t
`;
    expect(formatKubeconfig(parseKubeconfig(before, '/f'))).toBe(before);
  });

  test('keep all bytes of data, with comments in any encoding', () => {
    const data = Buffer.from([0xc3, 0x28, 0xe4, 0x00, 0xff, 0x0a]).toString('base64');
    const text = `clusters:\n- name: c\n  cluster: {server: s, certificate-authority-data: ${data}}\n`;
    expect(formatKubeconfig(parseKubeconfig(text, '/f'))).toContain(`certificate-authority-data: ${data}\n`);
  });

  test('read an empty file as an empty configuration', () => {
    expect(parseKubeconfig('', '/f')).toEqual({ currentContext: '', clusters: [], contexts: [], users: [] });
  });

  test.each([
    [
      'users:\n- name: u\n  user:\n    client-key-data: "!"\n',
      /line 4: users\[0\]\.user\.client-key-data: base64/,
    ],
    ['clusters:\n- name: c\n  cluster:\n    server: 7\n', /line 4: clusters\[0\]\.cluster\.server: a text/],
    ['clusters:\n- cluster: {}\n', /line 2: clusters\[0\]: an entry with `name`/],
    ['clusters:\n- name: c\n- name: c\n', /line 3: clusters\[1\]: this name is in the list twice/],
    ['clusters: {}\n', /clusters: a list/],
    ['users:\n- name: u\n  user: {as-groups: g}\n', /users\[0\]\.user\.as-groups: a list of texts/],
    ['users:\n- name: u\n  user: {as-user-extra: [g]}\n', /as-user-extra: a map of lists of texts/],
    ['- a\n', /it is not a kubeconfig/],
    ['apiVersion: v2\n', /apiVersion must be v1/],
  ])('name the file and the line of the problem in %j', (source, expected) => {
    expect(() => parseKubeconfig(source, '/f')).toThrow(expected);
  });

  test('never quote a secret', () => {
    const secret = 'c2VjcmV0c2VjcmV0';
    for (const source of [
      `users:\n- name: u\n  user:\n    client-key-data: [${secret}]\n`,
      `users: ${secret}\n`,
    ]) {
      expect(() => parseKubeconfig(source, '/f')).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) }),
      );
    }
  });
});

describe('loadKubeconfig', () => {
  const config = (user: string) =>
    `current-context: x\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\nclusters:\n- name: c\n  cluster:\n` +
    `    server: https://a\n    certificate-authority: pki/ca.crt\n- name: other\n  cluster: {certificate-authority: gone}\n` +
    `users:\n- name: u\n  user:\n    ${user}\n`;

  test('reads referenced files of the current context, relative to the kubeconfig', async () => {
    const files = { '/k/a.conf': config('tokenFile: /t'), '/k/pki/ca.crt': 'CA', '/t': 'token\n' };
    const loaded = await loadKubeconfig(createMemoryHost({ files }), '/k/a.conf');
    expect(loaded.clusters[0]).toEqual({ name: 'c', server: 'https://a', certificateAuthorityData: 'CA' });
    expect(loaded.users).toEqual([{ name: 'u', token: 'token' }]);
  });

  test('a token file overrides the token, which is used if the file is missing', async () => {
    const files = {
      '/k/a.conf': config('{tokenFile: /t, token: own}'),
      '/k/pki/ca.crt': 'CA',
      '/t': 'token\n',
    };
    expect((await loadKubeconfig(createMemoryHost({ files }), '/k/a.conf')).users[0]?.token).toBe('token');
    const { '/t': _, ...rest } = files;
    const loaded = await loadKubeconfig(createMemoryHost({ files: rest }), '/k/a.conf');
    expect(loaded.users[0]?.token).toBe('own');
  });

  test('an entry with both data and a file keeps both', async () => {
    const both = config('{client-key: /key, client-key-data: S0VZ}');
    const host = createMemoryHost({ files: { '/k/a.conf': both, '/k/pki/ca.crt': 'CA' } });
    expect((await loadKubeconfig(host, '/k/a.conf')).users).toEqual([
      { name: 'u', clientKey: '/key', clientKeyData: 'KEY' },
    ]);
  });

  test('a file above the size limit is refused', async () => {
    const large = `# ${'x'.repeat(4 * 1024 * 1024)}\n`;
    const host = createMemoryHost({
      files: { '/k/a.conf': `${config('token: t')}${large}`, '/k/pki/ca.crt': 'CA' },
    });
    await expect(loadKubeconfig(host, '/k/a.conf')).rejects.toThrow('/k/a.conf is larger than 4 MiB');
    host.disk.put({ '/k/a.conf': config('token: t'), '/k/pki/ca.crt': large });
    await expect(loadKubeconfig(host, '/k/a.conf')).rejects.toThrow('/k/pki/ca.crt is larger than 4 MiB');
  });

  test('names a missing file', async () => {
    const files = { '/k/a.conf': config('client-key: key.pem'), '/k/pki/ca.crt': 'CA' };
    const loading = loadKubeconfig(createMemoryHost({ files }), '/k/a.conf');
    await expect(loading).rejects.toThrow('/k/a.conf: client-key names /k/key.pem, which does not exist');
  });
});
