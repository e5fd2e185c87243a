import { expect, test } from 'vitest';
import { facts, machine } from '../facts.fixture.ts';
import type { CertificateFacts } from '../facts.ts';
import {
  certificateExpired,
  certificateKeyMismatch,
  certificateUntrusted,
  clockWrong,
} from './certificate.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const hour = 3_600_000;
const valid: CertificateFacts = {
  path: '/etc/kubernetes/pki/ca.crt',
  name: 'ca',
  isAuthority: true,
  notBefore: now - hour,
  notAfter: now + hour,
  keyFits: true,
};
const leaf: CertificateFacts = {
  ...valid,
  path: '/etc/kubernetes/pki/front-proxy-client.crt',
  name: 'front-proxy-client',
  isAuthority: false,
  isTrusted: true,
};

function withCertificates(...certificates: readonly CertificateFacts[]) {
  return facts({ machine: machine({ now, certificates }) });
}

test('the rule for expired certificates names the file and the time, authorities first', () => {
  const found = certificateExpired.find(
    withCertificates({ ...leaf, notAfter: now - 1 }, { ...valid, notAfter: now - hour }),
  );
  expect(found).toMatchObject([
    {
      component: 'ca',
      certainty: 'certain',
      summary: 'the certificate authority /etc/kubernetes/pki/ca.crt has expired at 2026-01-02T02:04:05Z',
      remedy: { kind: 'replace-authority' },
      since: now - hour,
    },
    {
      component: 'front-proxy-client',
      certainty: 'likely',
      remedy: { kind: 'renew-certificates', names: ['front-proxy-client'] },
    },
  ]);
  expect(certificateExpired.find(withCertificates(valid, leaf))).toEqual([]);
});

test('the rule for the clock finds certificates that are not valid yet', () => {
  const found = clockWrong.find(withCertificates({ ...valid, notBefore: now + 2 * hour }, leaf));
  expect(found).toMatchObject([
    {
      component: 'clock',
      certainty: 'certain',
      summary: expect.stringContaining('valid from 2026-01-02T05:04:05Z'),
    },
  ]);
  expect(clockWrong.find(withCertificates(valid, leaf))).toEqual([]);
});

test('the rules for keys and signatures only call their finding likely, because a log proves it', () => {
  expect(certificateKeyMismatch.find(withCertificates(valid, { ...leaf, keyFits: false }))).toMatchObject([
    { component: 'front-proxy-client', certainty: 'likely' },
  ]);
  expect(certificateUntrusted.find(withCertificates(valid, { ...leaf, isTrusted: false }))).toMatchObject([
    { summary: expect.stringContaining('x509') },
  ]);
  const { keyFits: _, isTrusted: __, ...unknown } = leaf;
  expect(certificateKeyMismatch.find(withCertificates(unknown))).toEqual([]);
  expect(certificateUntrusted.find(withCertificates(unknown))).toEqual([]);
});
