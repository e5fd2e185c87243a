import { describe, expect, test } from 'vitest';

import { NetError } from '../errors.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import {
  ca,
  createNode,
  fileDiscovery,
  outcomeOf,
  reasonOf,
  server,
  signedClusterInfo,
  token,
  tokenDiscovery,
} from './discovery.fixture.ts';

const path = '/root/discovery.conf';

/** A node with a kubeconfig for discovery, and a cluster whose clock is ahead by this time. */
function nodeBeside(aheadMs: number): MemoryHost {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    users: [{ name: 'u', user: { token } }],
  };
  const host = createNode(signedClusterInfo(), { files: { [path]: JSON.stringify(kubeconfig) } });
  host.api.now = () => new Date(host.clock.now().getTime() + aheadMs);
  return host;
}

/** The verified connections fail, because the certificate of the server is not valid now. */
function failVerified(host: MemoryHost, code: string): void {
  host.api.intercept = ({ kubeconfig }) =>
    kubeconfig.clusters[0]?.insecureSkipTlsVerify === true ? undefined : new NetError('x', code);
}

const hour = 3_600_000;

describe.each([
  ['a token', tokenDiscovery()],
  ['a file', fileDiscovery(path)],
])('discovery with %s', (_name, discovery) => {
  test.each([
    [2 * hour, '2h0m0s behind'],
    [-90_000, '1m30s ahead of'],
  ])('warns of a clock that differs by %d ms', async (aheadMs, relation) => {
    const { events, error } = await outcomeOf(nodeBeside(aheadMs), discovery);
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        code: 'clock-differs',
        topic: 'discovery',
        message: `the clock of this machine is ${relation} the clock of ${server}, so certificates may not be valid on this machine`,
      },
    ]);
  });

  test('does not warn of a clock that differs by less than a minute', async () => {
    const { events } = await outcomeOf(nodeBeside(-59_000), discovery);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('shows both clocks if the certificate of the server is not valid yet', async () => {
    const host = nodeBeside(2 * hour);
    failVerified(host, 'CERT_NOT_YET_VALID');
    const outcome = await outcomeOf(host, discovery);
    expect(reasonOf(outcome)).toBe('certificate-not-valid-now');
    expect(outcome.error).toMatchObject({
      message: expect.stringContaining(
        'The clock of this machine shows 2026-11-30T12:00:10Z, and that of the server 2026-11-30T14:00:10Z',
      ),
      hint: expect.stringContaining('Set the clock'),
    });
    const unproved = host.api.requests.filter(
      ({ kubeconfig }) => kubeconfig.clusters[0]?.insecureSkipTlsVerify,
    );
    expect(unproved).toHaveLength(1);
    expect(JSON.stringify(unproved)).not.toContain(token);
  });

  test('names the certificate if both clocks agree', async () => {
    const host = nodeBeside(0);
    failVerified(host, 'CERT_HAS_EXPIRED');
    const outcome = await outcomeOf(host, discovery);
    expect(reasonOf(outcome)).toBe('certificate-not-valid-now');
    expect(outcome.error).toMatchObject({
      hint: expect.stringMatching(/^Both clocks agree\. Renew the certificate/),
    });
  });
});

test('the clock of this machine is shown if the server shows no time', async () => {
  const host = nodeBeside(0);
  host.api.intercept = () => new NetError('x', 'CERT_HAS_EXPIRED');
  const outcome = await outcomeOf(host, fileDiscovery(path));
  expect(outcome.error).toMatchObject({
    message: expect.stringMatching(/The clock of this machine shows 2026-11-30T12:00:\d\dZ$/),
    hint: expect.stringMatching(/^Set the clock of this machine\. If it is right: Renew/),
  });
});
