import { expect, test } from 'vitest';

import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts';
import { usableContext } from './usable.ts';

function kubeconfig(
  cluster: Partial<KubeconfigCluster> = {},
  user: Partial<KubeconfigUser> = {},
  more: Partial<Kubeconfig> = {},
): Kubeconfig {
  return {
    currentContext: 'a',
    contexts: [{ name: 'a', cluster: 'c', user: 'u' }],
    clusters: [{ name: 'c', server: 'https://10.0.0.5:6443', ...cluster }],
    users: [{ name: 'u', ...user }],
    ...more,
  };
}

test('the cluster and the user of the current context are returned', () => {
  expect(usableContext(kubeconfig({}, { token: 't' }))).toEqual({
    cluster: { name: 'c', server: 'https://10.0.0.5:6443' },
    user: { name: 'u', token: 't' },
  });
});

test('a kubeconfig that was read from a file is refused with the path of the file', () => {
  const path = '/etc/kubernetes/admin.conf';
  const error = {
    message: `${path} cannot be used: cluster "c" has no server`,
    place: { file: path },
  };
  expect(() => usableContext({ ...kubeconfig({ server: '' }), path })).toThrow(
    expect.objectContaining(error),
  );
  const missing = kubeconfig({}, {}, { users: [], path });
  expect(() => usableContext(missing)).toThrow(`${path}: the user "u" of its current context is missing`);
});

test.each([
  ['no current context', { currentContext: '' }, 'it has no current context'],
  ['an unknown context', { currentContext: 'b' }, 'its current context "b" is not one of its contexts'],
  ['a missing cluster', { clusters: [] }, 'the cluster "c" of its current context is missing'],
  ['a missing user', { users: [] }, 'the user "u" of its current context is missing'],
] as const)('a kubeconfig with %s is refused', (_name, more, message) => {
  expect(() => usableContext(kubeconfig({}, {}, more))).toThrow(`the kubeconfig: ${message}`);
});

test.each([
  [{ server: '' }, 'cluster "c" has no server'],
  [{ insecureSkipTlsVerify: true, certificateAuthorityData: 'x' }, 'insecure-skip-tls-verify together with'],
  [{ insecureSkipTlsVerify: true, certificateAuthority: '/x' }, 'insecure-skip-tls-verify together with'],
  [{ certificateAuthority: '/x', certificateAuthorityData: 'x' }, 'both certificate-authority-data and'],
  [{ proxyUrl: 'nope' }, 'has a proxy-url that is not the URL of a proxy'],
  [{ proxyUrl: 'ftp://10.0.0.1' }, 'has a proxy-url that is not the URL of a proxy'],
])('the cluster %j is refused', (cluster, message) => {
  expect(() => usableContext(kubeconfig(cluster))).toThrow(message);
});

test.each([
  [
    { extra: { exec: { command: 'x' } } },
    'user "u" gets its credentials by exec, which kubeadm does not support',
  ],
  [{ extra: { 'auth-provider': { name: 'x' } } }, 'user "u" gets its credentials by auth-provider'],
  [{ token: 't', password: 'secret' }, 'user "u" has both a token and a user name or password'],
  [
    { clientCertificateData: 'x', clientCertificate: '/x', clientKey: '/k' },
    'both client-certificate-data and',
  ],
  [
    { clientCertificate: '/x', clientKeyData: 'secret', clientKey: '/k' },
    'both client-key-data and client-key',
  ],
  [{ clientCertificate: '/x' }, 'a client certificate without a key'],
  [{ asGroups: ['g'] }, 'has as-uid, as-groups or as-user-extra without as'],
])('the user %j is refused', (user, message) => {
  const use = () => usableContext(kubeconfig({}, user));
  expect(use).toThrow(message);
  expect(use).not.toThrow('secret');
});
