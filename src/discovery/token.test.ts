import { describe, expect, test } from 'vitest';
import { KubeApiError, NetError } from '../errors.ts';
import { toYaml } from '../lib/yaml/write.ts';
import {
  ca,
  clusterInfoWithText,
  createNode,
  outcomeOf,
  reasonOf,
  server,
  signedClusterInfo,
  token,
  tokenDiscovery,
  withData,
} from './discovery.fixture.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const otherToken = 'abcdef.fedcba9876543210';

function kubeconfigText(
  clusters: readonly { readonly name: string; readonly cluster: object }[],
  more: object = {},
): string {
  return toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    contexts: null,
    'current-context': '',
    ...more,
  });
}

const cluster = { server, 'certificate-authority-data': base64(ca) };

describe('discovery with a token', () => {
  test('returns a kubeconfig with the server and the CA of cluster-info and the bootstrap token', async () => {
    const host = createNode(signedClusterInfo());
    const { kubeconfig, events } = await outcomeOf(host, tokenDiscovery());
    expect(kubeconfig).toEqual({
      currentContext: 'tls-bootstrap-token-user@kubernetes',
      clusters: [{ name: 'kubernetes', server, certificateAuthorityData: ca }],
      contexts: [
        {
          name: 'tls-bootstrap-token-user@kubernetes',
          cluster: 'kubernetes',
          user: 'tls-bootstrap-token-user',
        },
      ],
      users: [{ name: 'tls-bootstrap-token-user', token }],
    });
    expect(events.filter(({ type }) => type !== 'detail')).toEqual([
      {
        type: 'progress',
        topic: 'discovery',
        message: `Reading the ConfigMap cluster-info from ${server}`,
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('0123456789abcdef');
  });

  test('asks twice, first without verification and then with the pinned CA, and never sends the token', async () => {
    const host = createNode(signedClusterInfo());
    await outcomeOf(host, tokenDiscovery());
    const asked = host.api.requests.map(({ verb, name, namespace, kubeconfig }) => ({
      verb,
      name,
      namespace,
      ...kubeconfig.clusters[0],
    }));
    const request = { verb: 'get', name: 'kubernetes', namespace: 'kube-public', server };
    expect(asked).toEqual([
      { ...request, insecureSkipTlsVerify: true },
      { ...request, certificateAuthorityData: ca },
    ]);
    expect(JSON.stringify(host.api.requests)).not.toContain('0123456789abcdef');
  });

  test('writes nothing', async () => {
    const host = createNode(signedClusterInfo());
    const before = host.snapshot();
    await outcomeOf(host, tokenDiscovery());
    await outcomeOf(host, tokenDiscovery({ caCertHashes: [`sha256:${'0'.repeat(64)}`] }));
    expect(host.snapshot()).toEqual(before);
  });

  test('asks once if no CA hash is given', async () => {
    const host = createNode(signedClusterInfo());
    const discovery = tokenDiscovery({ caCertHashes: [], unsafeSkipCAVerification: true });
    const { kubeconfig } = await outcomeOf(host, discovery);
    expect(kubeconfig?.clusters[0]?.certificateAuthorityData).toBe(ca);
    expect(host.api.requests).toHaveLength(1);
  });

  test.each(['https', 'http'])('shows no password of a server with %s in cluster-info', async (scheme) => {
    const address = `${scheme}://admin:pass-word@10.0.0.5:6443`;
    const host = createNode(signedClusterInfo({ address }));
    const discovery = tokenDiscovery({ caCertHashes: [], unsafeSkipCAVerification: true });
    const { error, events } = await outcomeOf(host, discovery);
    expect(JSON.stringify(events) + String(error)).toContain('10.0.0.5:6443');
    expect(JSON.stringify(events) + String(error)).not.toContain('pass-word');
  });

  test('uses another server if the signed cluster-info names it', async () => {
    const address = 'https://lb.example.com:443';
    const { kubeconfig } = await outcomeOf(createNode(signedClusterInfo({ address })), tokenDiscovery());
    expect(kubeconfig?.clusters[0]?.server).toBe(address);
  });

  test('accepts cluster-info with a byte order mark, duplicate keys, users and plugins, and takes only server and CA', async () => {
    const user = { name: 'u', user: { exec: { command: '/bin/false' }, token: 'x' } };
    const text = `\ufeff${kubeconfigText([{ name: '', cluster }], { users: [user] })}kind: Config\n`;
    const { kubeconfig, error } = await outcomeOf(createNode(clusterInfoWithText(text)), tokenDiscovery());
    expect(error).toBeUndefined();
    expect(kubeconfig?.users).toEqual([{ name: 'tls-bootstrap-token-user', token }]);
  });
});

describe('discovery with a token refuses at once', () => {
  const text = kubeconfigText([{ name: '', cluster }]);
  test.each([
    [
      'a CA that is not pinned',
      signedClusterInfo(),
      { caCertHashes: [`sha256:${'0'.repeat(64)}`] },
      'authority-not-pinned',
    ],
    ['a signature of another secret', signedClusterInfo({ tokens: [otherToken] }), {}, 'signature-wrong'],
    [
      'a signature of another kubeconfig',
      withData(signedClusterInfo(), { kubeconfig: text.replace('10.0.0.5', '10.0.0.6') }),
      {},
      'signature-wrong',
    ],
    [
      'a kubeconfig with one more line break than the signed one',
      withData(clusterInfoWithText(text), { kubeconfig: `${text}\n` }),
      {},
      'signature-wrong',
    ],
    [
      'an empty signature',
      withData(signedClusterInfo(), { 'jws-kubeconfig-abcdef': '' }),
      {},
      'signature-wrong',
    ],
    [
      'cluster-info without a kubeconfig',
      withData(signedClusterInfo(), { kubeconfig: undefined }),
      {},
      'kubeconfig-missing',
    ],
    ['cluster-info with an empty kubeconfig', clusterInfoWithText(''), {}, 'kubeconfig-missing'],
    [
      'two clusters',
      clusterInfoWithText(
        kubeconfigText([
          { name: '', cluster },
          { name: 'b', cluster },
        ]),
      ),
      {},
      'kubeconfig-unusable',
    ],
    ['no cluster', clusterInfoWithText(kubeconfigText([])), {}, 'kubeconfig-unusable'],
    [
      'a cluster that no context names',
      clusterInfoWithText(kubeconfigText([{ name: 'a', cluster }])),
      {},
      'kubeconfig-unusable',
    ],
    ['a text that is not YAML', clusterInfoWithText('{{{'), {}, 'kubeconfig-unusable'],
    ['a text that is not a kubeconfig', clusterInfoWithText('kind: Pod\n'), {}, 'kubeconfig-unusable'],
    ['deep nesting', clusterInfoWithText('['.repeat(100_000)), {}, 'kubeconfig-unusable'],
    [
      'a server with plain HTTP',
      clusterInfoWithText(text.replace('https://', 'http://')),
      {},
      'kubeconfig-unusable',
    ],
    [
      'a server that is not a URL',
      clusterInfoWithText(text.replace(server, 'https://')),
      {},
      'kubeconfig-unusable',
    ],
    [
      'cluster-info without a CA',
      clusterInfoWithText(kubeconfigText([{ name: '', cluster: { server } }])),
      {},
      'authority-missing',
    ],
    [
      'a CA that is a path',
      clusterInfoWithText(
        kubeconfigText([
          { name: '', cluster: { server, 'certificate-authority': '/etc/kubernetes/pki/ca.crt' } },
        ]),
      ),
      {},
      'authority-missing',
    ],
    [
      'a CA that cannot be read',
      signedClusterInfo({ authority: `${ca}\n${ca.replace('MIIB', 'MIIC')}` }),
      {},
      'authority-missing',
    ],
  ])('%s', async (_name, clusterInfo, change, reason) => {
    const host = createNode(clusterInfo);
    const outcome = await outcomeOf(host, tokenDiscovery(change));
    expect(reasonOf(outcome)).toBe(reason);
    expect(outcome.error).toMatchObject({ code: 'discovery-failed', hint: expect.stringContaining('.') });
    expect(String(outcome.error)).toMatch(/couldn't validate the identity of the API Server/);
    expect(`${outcome.error}`).not.toContain('0123456789abcdef');
    expect(outcome.milliseconds).toBe(0);
    expect(host.api.requests).toHaveLength(1);
  });

  test('a second answer that differs from the first', async () => {
    const host = createNode(signedClusterInfo());
    host.api.intercept = ({ kubeconfig }) => {
      if (kubeconfig.clusters[0]?.insecureSkipTlsVerify !== true) {
        host.api.update(signedClusterInfo({ address: 'https://10.0.0.6:6443' }));
      }
      return undefined;
    };
    expect(reasonOf(await outcomeOf(host, tokenDiscovery()))).toBe('answers-differ');
  });

  test('a CA that is not valid at the time of this machine', async () => {
    const host = createNode(signedClusterInfo(), { now: new Date('2026-11-24T13:00:00Z') });
    const outcome = await outcomeOf(host, tokenDiscovery());
    expect(reasonOf(outcome)).toBe('authority-not-valid-now');
    expect(outcome.error).toMatchObject({
      message: expect.stringContaining('The clock of this machine shows 2026-11-24T13:00:00Z'),
      hint: 'Both clocks agree. The cluster needs a new CA.',
    });
  });

  test.each([
    ['a CA hash that is not one', { caCertHashes: ['sha256:12'] }],
    ['a token that is not one', { token: 'abcdef.0123456789abcde!' }],
  ])('%s, before any request', async (_name, change) => {
    const host = createNode(signedClusterInfo());
    const { error } = await outcomeOf(host, tokenDiscovery(change));
    expect(error).toMatchObject({ code: 'config-invalid' });
    expect(`${error}`).not.toContain('0123456789');
    expect(host.api.requests).toEqual([]);
  });
});

describe('discovery with a token waits', () => {
  test('for the signature, and notices it within 100 ms', async () => {
    const host = createNode(signedClusterInfo({ tokens: [] }), { time: 'manual' });
    const running = outcomeOf(host, tokenDiscovery());
    await host.time.advance(3210);
    host.api.update(signedClusterInfo());
    const before = host.api.requests.length;
    await host.time.advance(100);
    await expect(running).resolves.toHaveProperty('kubeconfig');
    expect(before).toBeLessThan(40);
    expect(host.api.requests.length - before).toBe(2);
  });

  test('and says what it waits for, and how long it took', async () => {
    const host = createNode(signedClusterInfo({ tokens: [] }), { time: 'manual' });
    host.api.reachable = false;
    const running = outcomeOf(host, tokenDiscovery());
    const advance = async (milliseconds: number): Promise<void> => {
      for (let left = milliseconds; left > 0; left -= 100) {
        await host.time.advance(100);
        await host.time.advance(0);
      }
    };
    await advance(2000);
    host.api.reachable = true;
    await advance(1000);
    host.api.update(signedClusterInfo());
    await advance(200);
    const waits = (await running).events.filter(({ type }) => type === 'waiting' || type === 'waited');
    expect(waits).toEqual([
      expect.objectContaining({ type: 'waiting', for: `cluster-info: ${server} refuses connections` }),
      expect.objectContaining({ type: 'waited', milliseconds: 2100 }),
      expect.objectContaining({
        type: 'waiting',
        for: expect.stringContaining('no signature with the token abcdef'),
      }),
      expect.objectContaining({ type: 'waited', milliseconds: 1000 }),
    ]);
  });

  test.each([
    ['a connection that is refused', new NetError('x', 'ECONNREFUSED'), 'connection-refused'],
    ['a host that does not answer', new NetError('x', 'EHOSTUNREACH'), 'host-unreachable'],
    ['a server that does not answer in time', new NetError('x', 'ETIMEDOUT'), 'no-answer'],
    ['a connection that is closed', new NetError('x', 'ECONNRESET'), 'connection-reset'],
    ['an error of the server', new KubeApiError(503, '', 'x'), 'server-not-ready'],
  ])('until the time limit for %s', async (_name, error, reason) => {
    const host = createNode();
    host.api.intercept = () => error;
    const outcome = await outcomeOf(host, tokenDiscovery());
    expect(outcome.error).toMatchObject({
      code: 'timeout',
      hint: expect.stringContaining('timeouts.discovery'),
    });
    expect(reasonOf(outcome)).toBe(reason);
    expect(outcome.milliseconds).toBe(300_000);
    expect(host.api.requests.length).toBeLessThan(600);
  });

  test.each([
    ['no route', new NetError('x', 'ENETUNREACH'), 'network-unreachable', 60],
    ['an unknown name', new NetError('x', 'ENOTFOUND'), 'name-unknown', 60],
    [
      'a certificate of another CA',
      new NetError('x', 'SELF_SIGNED_CERT_IN_CHAIN'),
      'certificate-of-other-authority',
      10,
    ],
    ['an expired certificate', new NetError('x', 'CERT_HAS_EXPIRED'), 'certificate-not-valid-now', 10],
    [
      'another name in the certificate',
      new NetError('x', 'ERR_TLS_CERT_ALTNAME_INVALID'),
      'certificate-for-other-name',
      10,
    ],
    ['an answer that is not JSON', new NetError('x', 'EPROTO'), 'not-an-api-server', 10],
    [
      'a certificate that is not for servers',
      new NetError('x', 'INVALID_PURPOSE'),
      'certificate-unusable',
      10,
    ],
    ['a server without TLS', new NetError('x', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'not-an-api-server', 10],
    ['an answer without an end', new NetError('x', 'EMSGSIZE'), 'answer-too-large', 2],
    ['a slow answer without an end', new NetError('x', 'EINCOMPLETE'), 'answer-too-slow', 10],
    ['anonymous access that is off', new KubeApiError(401, 'Unauthorized', 'x'), 'unauthorized', 10],
    ['a missing role', new KubeApiError(403, 'Forbidden', 'x'), 'forbidden', 60],
    ['a missing cluster-info', new KubeApiError(404, 'NotFound', 'x'), 'cluster-info-missing', 60],
    ['a page that is not found', new KubeApiError(404, '', 'x'), 'unexpected-answer', 10],
    ['a redirect', new KubeApiError(302, '', 'x'), 'redirect', 10],
  ])('only a while for %s', async (_name, error, reason, seconds) => {
    const host = createNode();
    host.api.intercept = () => error;
    const outcome = await outcomeOf(host, tokenDiscovery());
    expect(outcome.error).toMatchObject({ code: 'discovery-failed', hint: expect.stringContaining('.') });
    expect(reasonOf(outcome)).toBe(reason);
    expect(outcome.milliseconds).toBeGreaterThanOrEqual(seconds * 1000);
    expect(outcome.milliseconds).toBeLessThan(seconds * 1100);
  });

  test('30 s for a signature in an old cluster, and then names the command that makes a new token', async () => {
    const host = createNode();
    host.api.put({
      ...signedClusterInfo({ tokens: [] }),
      metadata: { ...old, creationTimestamp: '2026-11-24T16:00:00Z' },
    });
    const outcome = await outcomeOf(host, tokenDiscovery());
    expect(reasonOf(outcome)).toBe('signature-missing');
    expect(outcome.milliseconds).toBeCloseTo(30_000, -3);
    expect(outcome.error).toMatchObject({
      message: expect.stringContaining(
        'unknown to this cluster, has expired or does not have the usage "signing"',
      ),
      hint: expect.stringContaining('kubeadm token create --print-join-command'),
    });
  });

  test('30 s in a new cluster, if other tokens have their signatures', async () => {
    const host = createNode(signedClusterInfo({ tokens: ['uvwxyz.0123456789abcdef'] }));
    const outcome = await outcomeOf(host, tokenDiscovery());
    expect(reasonOf(outcome)).toBe('signature-missing');
    expect(outcome.milliseconds).toBeCloseTo(30_000, -3);
  });

  test('until a new cluster is old enough, if no token has a signature', async () => {
    const outcome = await outcomeOf(createNode(signedClusterInfo({ tokens: [] })), tokenDiscovery());
    expect(reasonOf(outcome)).toBe('signature-missing');
    expect(outcome.milliseconds).toBeGreaterThanOrEqual(120_000);
    expect(outcome.milliseconds).toBeLessThan(125_000);
  });

  test('no longer after the signal is aborted', async () => {
    const host = createNode(undefined, { time: 'manual' });
    const stop = new AbortController();
    const running = outcomeOf(host, tokenDiscovery(), { signal: stop.signal });
    await host.time.advance(500);
    stop.abort(new Error('stopped'));
    expect((await running).error).toEqual(new Error('stopped'));
  });
});

/** The metadata of cluster-info without its age. */
const old = { name: 'cluster-info', namespace: 'kube-public' };
