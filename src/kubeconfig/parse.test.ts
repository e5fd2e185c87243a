import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { loadKubeconfig } from './load.ts';
import { parseKubeconfig } from './parse.ts';
import { formatKubeconfig } from './write.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9:@.-]{0,20}$/);
// A lone dot is a number to the YAML package, a text to Go.
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
      { server: text, certificateAuthorityData: text, certificateAuthority: text },
      { requiredKeys: ['server'] },
    ),
  ),
  contexts: named(
    fc.record({ cluster: name, user: name, namespace: name }, { requiredKeys: ['cluster', 'user'] }),
  ),
  users: named(
    fc.record(
      { clientCertificateData: text, clientKeyData: text, token: text, tokenFile: text },
      { requiredKeys: [] },
    ),
  ),
});

describe('parseKubeconfig and formatKubeconfig', () => {
  test("are each other's inverse", () => {
    fc.assert(
      fc.property(kubeconfigs, (config) => {
        expect(parseKubeconfig(formatKubeconfig(config), '/f')).toEqual(config);
      }),
    );
  });

  test('keep what kubeadm does not know', () => {
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

  test('take an empty file for an empty configuration', () => {
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
    ['- a\n', /it is no kubeconfig/],
    ['apiVersion: v2\n', /apiVersion must be v1/],
  ])('name file and line of what is wrong in %j', (source, expected) => {
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

  test('names the file that is missing', async () => {
    const files = { '/k/a.conf': config('client-key: key.pem'), '/k/pki/ca.crt': 'CA' };
    const loading = loadKubeconfig(createMemoryHost({ files }), '/k/a.conf');
    await expect(loading).rejects.toThrow('/k/a.conf: client-key names /k/key.pem, which does not exist');
  });
});
