import { describe, expect, test } from 'vitest';
import { KubeApiError, NetError } from '../errors.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import type { FileSpec } from '../host/memory/initial-files.ts';
import type { HttpAnswer } from '../host/memory/net.ts';
import { toYaml } from '../lib/yaml/write.ts';
import {
  ca,
  clusterInfoWithText,
  createNode,
  fileDiscovery,
  outcomeOf,
  reasonOf,
  server,
  signedClusterInfo,
  token,
} from './discovery.fixture.ts';

const path = '/etc/kubernetes/discovery.conf';
const url = 'https://files.example.com/discovery.conf';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Content {
  readonly cluster?: object;
  readonly user?: object;
  readonly more?: object;
}

/** A kubeconfig of the user `node` in the cluster `k`. */
function content({
  cluster = { server, 'certificate-authority-data': base64(ca) },
  user = { token: 'secret-of-node' },
  more = {},
}: Content = {}): string {
  return toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'k', cluster }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'node' } }],
    users: [{ name: 'node', user }],
    ...more,
  });
}

function nodeWith(files: Readonly<Record<string, FileSpec>>, clusterInfo = signedClusterInfo()): MemoryHost {
  return createNode(clusterInfo, { files });
}

describe('discovery with a file', () => {
  test('returns the kubeconfig of the file', async () => {
    const { kubeconfig, error, events } = await outcomeOf(
      nodeWith({ [path]: content() }),
      fileDiscovery(path),
    );
    expect(error).toBeUndefined();
    expect(kubeconfig).toEqual({
      path,
      currentContext: 'c',
      clusters: [{ name: 'k', server, certificateAuthorityData: ca }],
      contexts: [{ name: 'c', cluster: 'k', user: 'node' }],
      users: [{ name: 'node', token: 'secret-of-node' }],
    });
    expect(JSON.stringify(events)).not.toContain('secret-of-node');
  });

  test('embeds the files that the kubeconfig names', async () => {
    const text = content({
      cluster: { server, 'certificate-authority': 'ca.crt' },
      user: { tokenFile: '/run/token', 'client-certificate': '/run/c.crt', 'client-key': '/run/c.key' },
    });
    const files = {
      [path]: text,
      '/etc/kubernetes/ca.crt': ca,
      '/run/token': 'from-file\n',
      '/run/c.crt': 'the certificate',
      '/run/c.key': 'the key',
    };
    const { kubeconfig } = await outcomeOf(nodeWith(files), fileDiscovery(path));
    expect(kubeconfig?.clusters).toEqual([{ name: 'k', server, certificateAuthorityData: ca }]);
    expect(kubeconfig?.users).toEqual([
      {
        name: 'node',
        token: 'from-file',
        clientCertificateData: 'the certificate',
        clientKeyData: 'the key',
      },
    ]);
  });

  test('uses a cluster without a name first, and needs no context with a bootstrap token', async () => {
    const text = toYaml({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: '', cluster: { server, 'certificate-authority-data': base64(ca) } },
        { name: 'other', cluster: { server: 'https://10.9.9.9:6443' } },
      ],
    });
    const host = nodeWith({ [path]: text });
    const { kubeconfig, error } = await outcomeOf(host, fileDiscovery(path, token));
    expect(error).toBeUndefined();
    expect(kubeconfig).toMatchObject({
      clusters: [{ name: 'kubernetes', server, certificateAuthorityData: ca }],
      users: [{ name: 'tls-bootstrap-token-user', token }],
    });
    expect(host.api.requests.map((request) => request.server)).toEqual([server]);
  });

  test('takes only the cluster and the user of the current context', async () => {
    const more = {
      clusters: [
        { name: 'k', cluster: { server, 'certificate-authority-data': base64(ca) } },
        { name: 'other', cluster: { server: 'https://10.9.9.9:6443' } },
      ],
      users: [
        { name: 'node', user: { token: 'secret-of-node' } },
        { name: 'admin', user: { token: 'secret-of-admin' } },
      ],
    };
    const { kubeconfig } = await outcomeOf(nodeWith({ [path]: content({ more }) }), fileDiscovery(path));
    expect(JSON.stringify(kubeconfig)).not.toMatch(/admin|10\.9\.9\.9/);
  });

  test('takes the CA of cluster-info if the file has none', async () => {
    const host = nodeWith({ [path]: content({ cluster: { server } }) });
    const { kubeconfig } = await outcomeOf(host, fileDiscovery(path));
    expect(kubeconfig?.clusters).toEqual([{ name: 'k', server, certificateAuthorityData: ca }]);
  });

  test('keeps the server of the file if cluster-info names another one, with a warning', async () => {
    const host = nodeWith({ [path]: content() }, signedClusterInfo({ address: 'https://lb:6443' }));
    const { kubeconfig, events } = await outcomeOf(host, fileDiscovery(path));
    expect(kubeconfig?.clusters[0]?.server).toBe(server);
    expect(events).toContainEqual(expect.objectContaining({ code: 'discovery-server-differs' }));
  });

  test.each(['clusters: []\n', 'clusters: [{name: a, cluster: {server: "https://lb:6443"}}]\n'])(
    'ignores a cluster-info that does not show which cluster it means: %s',
    async (clusters) => {
      const text = `apiVersion: v1\nkind: Config\n${clusters}`;
      const host = nodeWith({ [path]: content() }, clusterInfoWithText(text));
      const { error, kubeconfig } = await outcomeOf(host, fileDiscovery(path));
      expect(error).toBeUndefined();
      expect(kubeconfig?.clusters[0]?.server).toBe(server);
    },
  );

  test('shows no password of a server', async () => {
    const secret = 'https://admin:pass-word@10.0.0.5:6443';
    const cluster = { server: secret, 'certificate-authority-data': base64(ca) };
    const host = nodeWith(
      { [path]: content({ cluster }) },
      signedClusterInfo({ address: 'https://b:pass-word@lb:1' }),
    );
    const { events } = await outcomeOf(host, fileDiscovery(path));
    expect(events).toContainEqual(expect.objectContaining({ code: 'discovery-server-differs' }));
    const plain = content({ cluster: { ...cluster, server: secret.replace('https', 'http') } });
    const { error } = await outcomeOf(nodeWith({ [path]: plain }), fileDiscovery(path));
    expect(String(error)).toContain('does not use https');
    expect(JSON.stringify(events) + String(error)).not.toContain('pass-word');
  });

  test('accepts a cluster that forbids to read cluster-info, with a warning', async () => {
    const host = nodeWith({ [path]: content() });
    host.api.intercept = () => new KubeApiError(403, 'Forbidden', 'no');
    const { kubeconfig, events } = await outcomeOf(host, fileDiscovery(path));
    expect(kubeconfig?.users[0]?.token).toBe('secret-of-node');
    expect(events).toContainEqual(expect.objectContaining({ code: 'cluster-info-forbidden' }));
  });

  test('ignores a cluster-info that cannot be read', async () => {
    const host = nodeWith({ [path]: content() }, clusterInfoWithText('{{{'));
    expect((await outcomeOf(host, fileDiscovery(path))).error).toBeUndefined();
  });

  test('warns of a file that switches off the verification of the server', async () => {
    const text = content({ cluster: { server, 'insecure-skip-tls-verify': true } });
    const { kubeconfig, events } = await outcomeOf(nodeWith({ [path]: text }), fileDiscovery(path, token));
    expect(events).toContainEqual(expect.objectContaining({ code: 'discovery-not-verified' }));
    expect(kubeconfig?.clusters).toEqual([{ name: 'kubernetes', server, certificateAuthorityData: ca }]);
  });

  test.each(['exec', 'auth-provider'])(
    'with a user by %s works with a bootstrap token, and does not send the user',
    async (plugin) => {
      const text = content({ user: { [plugin]: { command: '/bin/false', name: 'x' } } });
      const host = nodeWith({ [path]: text });
      const { kubeconfig, error } = await outcomeOf(host, fileDiscovery(path, token));
      expect(error).toBeUndefined();
      expect(kubeconfig?.users).toEqual([{ name: 'tls-bootstrap-token-user', token }]);
      expect(host.api.requests[0]?.kubeconfig.users).toEqual([{ name: 'anonymous' }]);
    },
  );
});

describe('discovery with a file refuses', () => {
  const malformed: Readonly<Record<string, readonly [string, string]>> = {
    'a file without clusters': [content({ more: { clusters: [] } }), 'has no cluster'],
    'a file without a current context': [content({ more: { 'current-context': '' } }), 'no current context'],
    'a current context that is missing': [
      content({ more: { 'current-context': 'x' } }),
      'not one of its contexts',
    ],
    'a context without a user': [
      content({ more: { contexts: [{ name: 'c', context: { cluster: 'k' } }] } }),
      'has no user',
    ],
    'a context whose user is missing': [
      content({ more: { users: [] } }),
      'names the user "node", which is missing',
    ],
    'another context whose cluster is missing': [
      content({
        more: {
          contexts: [
            { name: 'c', context: { cluster: 'k', user: 'node' } },
            { name: 'd', context: { cluster: 'x', user: 'node' } },
          ],
        },
      }),
      'names the cluster "x", which is missing',
    ],
    'a namespace that is not a label': [
      content({
        more: { contexts: [{ name: 'c', context: { cluster: 'k', user: 'node', namespace: 'A' } }] },
      }),
      'not a DNS label',
    ],
    'a cluster without a server': [
      content({ cluster: { 'certificate-authority-data': base64(ca) } }),
      'has no server',
    ],
    'a token together with a password': [
      content({ user: { token: 'x', username: 'u', password: 'p' } }),
      'both a token and a user name or password',
    ],
    'a server with plain HTTP': [
      content({ cluster: { server: 'http://10.0.0.5:6443' } }),
      'does not use https',
    ],
    'a server without a scheme': [content({ cluster: { server: '10.0.0.5:6443' } }), 'does not use https'],
    'a CA file that is missing': [
      content({ cluster: { server, 'certificate-authority': '/nope' } }),
      'names /nope, which does not exist',
    ],
    'a token file that is missing': [
      content({ user: { tokenFile: '/nope' } }),
      'names /nope, which does not exist',
    ],
    'verification that is off together with a CA': [
      content({
        cluster: { server, 'certificate-authority-data': base64(ca), 'insecure-skip-tls-verify': true },
      }),
      'insecure-skip-tls-verify',
    ],
    'a user without credentials': [content({ user: {} }), 'has no credentials for the TLS bootstrap'],
    'a user with a name and no password': [content({ user: { username: 'u' } }), 'has no credentials'],
    'credentials of exec': [
      content({ user: { exec: { command: 'aws-iam', apiVersion: 'client.authentication.k8s.io/v1' } } }),
      'the user "node" gets its credentials by exec, which kubeadm does not run',
    ],
    'credentials of a provider': [
      content({ user: { 'auth-provider': { name: 'oidc' } } }),
      'by auth-provider',
    ],
    'a text that is not YAML': ['{{{', 'not YAML'],
    'another kind of object': ['kind: Pod\n', 'kind must be Config'],
    'an empty file': ['', 'has no cluster'],
  };
  test.each(Object.entries(malformed))('%s', async (_name, [text, problem]) => {
    const { error, milliseconds } = await outcomeOf(nodeWith({ [path]: text }), fileDiscovery(path));
    expect(error).toMatchObject({ code: 'kubeconfig-invalid', message: expect.stringContaining(problem) });
    expect(`${error}`).toContain(path);
    expect(milliseconds).toBe(0);
  });

  test.each([
    ['a CA that cannot be read', content({ cluster: { server, 'certificate-authority-data': base64('x') } })],
    ['a CA that nobody has', content({ cluster: { server } })],
  ])('%s', async (_name, text) => {
    const host = nodeWith({ [path]: text }, clusterInfoWithText(''));
    expect(reasonOf(await outcomeOf(host, fileDiscovery(path)))).toBe('authority-missing');
  });

  test('a path that does not exist', async () => {
    const { error } = await outcomeOf(nodeWith({}), fileDiscovery('/nope'));
    expect(error).toMatchObject({ code: 'file', errno: 'ENOENT' });
  });

  test('credentials that the server does not accept, after a while', async () => {
    const host = nodeWith({ [path]: content() });
    host.api.intercept = () => new KubeApiError(401, 'Unauthorized', 'no');
    const outcome = await outcomeOf(host, fileDiscovery(path));
    expect(reasonOf(outcome)).toBe('unauthorized');
    expect(outcome.milliseconds).toBeLessThan(11_000);
  });
});

describe('discovery with a URL', () => {
  const nodeWithUrl = (answer: HttpAnswer, files: Readonly<Record<string, FileSpec>> = {}): MemoryHost =>
    createNode(signedClusterInfo(), { http: { [url]: answer }, files });

  test('returns the downloaded kubeconfig', async () => {
    const host = nodeWithUrl({ status: 200, body: content() });
    const { kubeconfig } = await outcomeOf(host, fileDiscovery(url));
    expect(kubeconfig?.users[0]?.token).toBe('secret-of-node');
    expect(host.machine.requests).toEqual([url]);
  });

  test('embeds files of this machine, with absolute paths and with paths from the working directory', async () => {
    const text = content({ cluster: { server, 'certificate-authority': '/srv/ca.crt' } });
    const host = nodeWithUrl({ status: 200, body: text }, { '/srv/ca.crt': ca });
    const { kubeconfig } = await outcomeOf(host, fileDiscovery(url));
    expect(kubeconfig?.clusters[0]?.certificateAuthorityData).toBe(ca);
  });

  test('waits for a server that is not ready', async () => {
    let tries = 0;
    const host = nodeWithUrl(() => ({ status: ++tries < 3 ? 503 : 200, body: content() }));
    const { kubeconfig, milliseconds } = await outcomeOf(host, fileDiscovery(url));
    expect(kubeconfig).toBeDefined();
    expect(milliseconds).toBe(200);
  });

  test.each<readonly [string, HttpAnswer, string]>([
    ['a status of failure with a kubeconfig', { status: 404, body: content() }, 'unexpected-answer'],
    [
      'a certificate that is not trusted',
      new NetError('x', 'SELF_SIGNED_CERT_IN_CHAIN'),
      'certificate-of-other-authority',
    ],
    ['a redirect to plain HTTP', new NetError('x', 'EINSECUREREDIRECT'), 'redirect'],
    ['an answer without an end', new NetError('x', 'EMSGSIZE'), 'answer-too-large'],
  ])('refuses %s', async (_name, answer, reason) => {
    const outcome = await outcomeOf(nodeWithUrl(answer), fileDiscovery(url));
    expect(reasonOf(outcome)).toBe(reason);
    expect(outcome.error).toMatchObject({ hint: expect.stringContaining('Check the URL') });
    expect(outcome.milliseconds).toBeLessThan(11_000);
  });

  test('refuses an answer that is not a kubeconfig, and names the URL without its password', async () => {
    const secret = 'https://me:hunter22@files.example.com/discovery.conf';
    const host = createNode(signedClusterInfo(), { http: { [secret]: { status: 200, body: '<html>' } } });
    const { error } = await outcomeOf(host, fileDiscovery(secret));
    expect(error).toMatchObject({ code: 'kubeconfig-invalid' });
    expect(`${error}`).toContain('files.example.com');
    expect(`${error}`).not.toContain('hunter22');
  });
});
