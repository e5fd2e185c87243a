import { expect, test } from 'vitest';
import { refOf } from '../clients/kube/resources.ts';
import { KubeApiError, KubeadmError, NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { buildKubeconfig } from '../kubeconfig/build.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { signingRequest } from './signing-request.fixture.ts';
import { waitForClientCertificate } from './wait.ts';

const server = 'https://10.0.0.5:6443';
const token = 'abcdef.0123456789abcdef';

function kubeconfigWith(user: { readonly token?: string }): Kubeconfig {
  const name = 'tls-bootstrap-token-user';
  return buildKubeconfig({ clusterName: 'kubernetes', server, user: { name, ...user } });
}

function joining(user: { readonly token?: string } = { token }): MemoryHost {
  const files = { '/etc/kubernetes/bootstrap-kubelet.conf': formatKubeconfig(kubeconfigWith(user)) };
  return createMemoryHost({ files });
}

interface Ending {
  readonly message: string;
  readonly hint: string;
  readonly code: string;
  readonly details: unknown;
  readonly seconds: number;
  readonly progress: readonly string[];
}

async function endOf(host: MemoryHost, timeoutMs = 60_000, looksWith?: Kubeconfig): Promise<Ending> {
  const events: KubeadmEvent[] = [];
  const options = {
    nodeName: 'node1',
    timeoutMs,
    looksWith,
    emit: (event: KubeadmEvent) => void events.push(event),
    signal: new AbortController().signal,
  };
  const error = await waitForClientCertificate(host, options).then(
    () => new Error('the kubelet has its certificate'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeadmError)) throw error;
  const { code, details, hint = '', message } = error;
  return {
    code,
    details,
    hint,
    message,
    seconds: host.time.port.monotonic() / 1000,
    progress: events.flatMap((event) => (event.type === 'progress' ? [event.message] : [])),
  };
}

const refuse = (status: number, reason: string) => (): Error => new KubeApiError(status, reason, reason);

test('a request that nobody approves is named with the command that approves it, and the wait goes on', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-1'));
  const end = await endOf(host);
  expect(end).toMatchObject({
    code: 'timeout',
    message: 'failed while waiting for TLS bootstrap: the certificate signing request csr-1 is not approved',
    details: { reason: 'csr-not-approved', request: 'csr-1' },
  });
  expect(end.progress).toEqual([expect.stringContaining('kubectl certificate approve csr-1')]);
  expect(end.hint).toContain('kubeadm:node-autoapprove-bootstrap');
  expect(end.hint).toContain('timeouts.tlsBootstrap');
  expect(end.seconds).toBeGreaterThanOrEqual(60);
});

test.each([
  ['Denied', 'csr-denied', 'the certificate signing request csr-1 was denied: NotMine: unknown machine'],
  [
    'Failed',
    'csr-failed',
    'the signer has refused the certificate signing request csr-1: NotMine: unknown machine',
  ],
])('a request with the condition %s ends the wait early', async (type, reason, message) => {
  const host = joining();
  host.api.create(
    await signingRequest('csr-1', { conditions: [{ type, reason: 'NotMine', message: 'unknown machine' }] }),
  );
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason, request: 'csr-1' } });
  expect(end.message).toBe(`failed while waiting for TLS bootstrap: ${message}`);
  expect(end.hint).toContain('kubectl describe csr csr-1');
  expect(end.seconds).toBeLessThan(20);
});

test('a refused request of an earlier join does not end the wait for a newer one', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-old', { conditions: [{ type: 'Denied' }] }));
  host.time.port.sleep(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  host.api.create(await signingRequest('csr-new'));
  expect(await endOf(host)).toMatchObject({ details: { request: 'csr-new', reason: 'csr-not-approved' } });
});

test('a request that is denied during the wait ends it at once, although the kubelet asks again', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-1'));
  const denied = await signingRequest('csr-1', { conditions: [{ type: 'Denied', message: 'not here' }] });
  const again = await signingRequest('csr-2');
  host.api.intercept = () => {
    if (host.time.port.monotonic() < 10_000 || host.api.find(refOf(again)) !== undefined) return undefined;
    host.api.put(denied);
    host.api.create(again);
    return undefined;
  };
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason: 'csr-denied', request: 'csr-1' } });
  expect(end.message).toContain('csr-1 was denied: not here');
  expect(end.seconds).toBeLessThan(20);
});

test('a request that was denied before the first look ends the wait, although a newer one waits', async () => {
  const host = joining();
  host.api.create(
    await signingRequest('csr-1', { conditions: [{ type: 'Denied', message: 'by a policy' }] }),
  );
  host.time.port.sleep(1_000);
  await new Promise((resolve) => setImmediate(resolve));
  host.api.create(await signingRequest('csr-2'));
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason: 'csr-denied', request: 'csr-1' } });
  expect(end.seconds).toBeLessThan(20);
});

test('the request of another node does not count', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-1', { nodeName: 'node10', conditions: [{ type: 'Denied' }] }));
  expect(await endOf(host)).toMatchObject({
    code: 'timeout',
    message: 'failed while waiting for TLS bootstrap: the kubelet has not asked for a client certificate',
  });
});

test('a request that is approved and not signed points at the controller manager', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-1', { conditions: [{ type: 'Approved' }] }));
  const end = await endOf(host);
  expect(end.message).toContain('csr-1 is approved, but nobody has signed it');
  expect(end.hint).toContain('--cluster-signing-cert-file');
});

test('a request whose certificate does not arrive points at the log of the kubelet', async () => {
  const host = joining();
  host.api.create(await signingRequest('csr-1', { conditions: [{ type: 'Approved' }], certificate: 'AAAA' }));
  const end = await endOf(host);
  expect(end.message).toContain('csr-1 is signed, but the kubelet has not stored its certificate');
  expect(end.hint).toContain('journalctl -u kubelet');
});

test('a token that is not accepted any more ends the wait early with the command for a new one', async () => {
  const host = joining();
  host.api.intercept = refuse(401, 'Unauthorized');
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason: 'credentials-refused' } });
  expect(end.message).toContain(
    `${server} does not accept the bootstrap token abcdef. The token was deleted or has expired`,
  );
  expect(end.message).not.toContain('0123456789abcdef');
  expect(end.hint).toContain('kubeadm token create --print-join-command');
  expect(end.seconds).toBeLessThan(15);
});

test('a token that was refused once is not given up while the next answer is late', async () => {
  const host = joining();
  let looks = 0;
  host.api.intercept = async () => {
    looks += 1;
    if (looks > 1) await host.clock.sleep(30_000);
    return looks === 1 ? new KubeApiError(401, 'Unauthorized', 'the token is not known yet') : undefined;
  };
  const end = await endOf(host);
  expect(looks).toBeGreaterThan(1);
  expect(end).toMatchObject({ code: 'timeout', details: { reason: 'csr-missing' } });
});

test('the looks use another kubeconfig if there is one', async () => {
  const host = joining();
  host.api.intercept = refuse(401, 'Unauthorized');
  const end = await endOf(host, 60_000, kubeconfigWith({ token: 'zyxwvu.0123456789abcdef' }));
  expect(end.message).toContain('does not accept the bootstrap token zyxwvu');
});

test('credentials that are not a token are not called one', async () => {
  const host = joining({});
  host.api.intercept = refuse(401, 'Unauthorized');
  const end = await endOf(host);
  expect(end.message).toContain('does not accept the credentials of the TLS bootstrap');
});

test('a user without the right to ask for a certificate ends the wait early, and the missing binding is named', async () => {
  const host = joining();
  host.api.intercept = refuse(403, 'Forbidden');
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason: 'csr-forbidden' } });
  expect(end.hint).toContain('ClusterRoleBinding kubeadm:kubelet-bootstrap');
  expect(end.hint).toContain('system:bootstrappers:kubeadm:default-node-token');
  expect(end.seconds).toBeLessThan(20);
});

test('an API server that is gone is reported, and the wait goes on until the limit', async () => {
  const host = joining();
  host.api.reachable = false;
  const end = await endOf(host);
  expect(end).toMatchObject({
    code: 'timeout',
    message: `failed while waiting for TLS bootstrap: ${server} refuses connections`,
    details: { reason: 'connection-refused' },
  });
  expect(end.progress).toEqual([expect.stringContaining(`${server} refuses connections`)]);
});

test('an API server that comes back ends the report of its absence', async () => {
  const host = joining();
  host.api.intercept = () =>
    host.time.port.monotonic() < 30_000 ? new NetError('silent', 'ETIMEDOUT') : undefined;
  const end = await endOf(host);
  expect(end.progress).toHaveLength(2);
  expect(end).toMatchObject({ details: { reason: 'csr-missing' } });
});

test('a clock that is off ends the wait early', async () => {
  const host = joining();
  host.api.intercept = () => new NetError('certificate has expired', 'CERT_HAS_EXPIRED');
  const end = await endOf(host, 300_000);
  expect(end).toMatchObject({ code: 'refused', details: { reason: 'certificate-not-valid-now' } });
  expect(end.hint).toContain('Compare the clock of this machine');
  expect(end.seconds).toBeLessThan(20);
});

test('a kubelet that gets its certificate soon costs the API server no request', async () => {
  const host = joining();
  await endOf(host, 2_000);
  expect(host.api.requests).toEqual([]);
});
