import { describe, expect, test } from 'vitest';

import { controlPlane } from '../cli/commands/certs/certs.fixture.ts';
import { NetError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { certificateExpiries } from './certificate-expiries.ts';
import { renewCertificates } from './renew-certificates.ts';

const crt = '/etc/kubernetes/pki/apiserver.crt';

describe('renewing certificates with the library', () => {
  test('returns the outcome for each certificate, and reports it when it is known', async () => {
    const host = await controlPlane();
    await host.files.remove('/etc/kubernetes/scheduler.conf');
    const before = await host.files.readText(crt);
    const events: KubeadmEvent[] = [];
    const names = ['apiserver', 'scheduler.conf'];
    const record = ({ event }: { readonly event: KubeadmEvent }) => void events.push(event);
    const { certificates } = await renewCertificates(host, { names }, { record });
    expect(certificates).toEqual([
      { name: 'apiserver', authority: 'ca', outcome: 'renewed' },
      { name: 'scheduler.conf', authority: 'ca', outcome: 'missing' },
    ]);
    expect(await host.files.readText(crt)).not.toBe(before);
    expect(events.filter(({ type }) => type.startsWith('certificate-'))).toMatchObject([
      { type: 'certificate-renewed', name: 'apiserver' },
      { type: 'certificate-not-renewed', name: 'scheduler.conf', reason: 'missing' },
    ]);
  });

  test('refuses an unknown name before it renews another one', async () => {
    const host = await controlPlane();
    const before = host.snapshot();
    const renewing = renewCertificates(host, { names: ['apiserver', 'apiservr'] });
    await expect(renewing).rejects.toMatchObject({ code: 'usage', hint: 'did you mean apiserver?' });
    expect(host.snapshot()).toEqual(before);
  });

  test('stops between two certificates when it is interrupted', async () => {
    const host = await controlPlane();
    const interruption = new AbortController();
    const renewed: string[] = [];
    const record = ({ event }: { readonly event: KubeadmEvent }): void => {
      if (event.type !== 'certificate-renewed') return;
      renewed.push(event.name);
      interruption.abort(new Error('enough'));
    };
    const renewing = renewCertificates(host, {}, { record, signal: interruption.signal });
    await expect(renewing).rejects.toMatchObject({ code: 'interrupted', message: 'enough' });
    expect(renewed).toHaveLength(1);
  });
});

test.each([
  ['renewing certificates', renewCertificates],
  ['looking at their ends', certificateExpiries],
])('%s ends when it is interrupted while it asks the cluster', async (_what, work) => {
  const host = await controlPlane();
  const before = host.snapshot();
  const interruption = new AbortController();
  host.api.reachable = true;
  host.api.intercept = () => {
    interruption.abort(new Error('enough'));
    return new NetError('the client was closed', 'ECLOSED');
  };
  const working = work(host, {}, { signal: interruption.signal });
  await expect(working).rejects.toMatchObject({ code: 'interrupted', message: 'enough' });
  expect(host.snapshot()).toEqual(before);
});

test('a program gets the ends of certificates and authorities as dates', async () => {
  const { authorities, certificates } = await certificateExpiries(await controlPlane());
  expect(certificates.find(({ name }) => name === 'apiserver')).toEqual({
    name: 'apiserver',
    authority: 'ca',
    notAfter: new Date('2027-01-02T03:04:05Z'),
    externallyManaged: false,
  });
  expect(authorities.map(({ name }) => name)).toEqual(['ca', 'etcd-ca', 'front-proxy-ca']);
});
