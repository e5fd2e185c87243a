import { expect, test } from 'vitest';
import { facts, machine } from '../facts.fixture.ts';
import type { OldCertificateFacts } from '../setup-facts.ts';
import { oldCertificate } from './old-certificate.ts';

const scheduler = {
  component: 'kube-scheduler',
  certificate: 'scheduler.conf',
  path: '/etc/kubernetes/scheduler.conf',
  isServed: false,
};
const apiServer = {
  component: 'kube-apiserver',
  certificate: 'apiserver',
  path: '/etc/kubernetes/pki/apiserver.crt',
  isServed: true,
};

const find = (old: OldCertificateFacts, keyFits = true) => {
  const { certificate: name, path } = old;
  const certificates = [{ path, name, isAuthority: false, notBefore: 0, notAfter: 9, keyFits }];
  return oldCertificate.find(facts({ oldCertificates: [old], machine: machine({ certificates }) }));
};

test('a client with an older certificate is restarted with its renewal', () => {
  expect(find(scheduler)).toMatchObject([
    {
      component: 'kube-scheduler',
      certainty: 'likely',
      remedy: { commands: ['kubeadm certs renew scheduler.conf --restart'] },
    },
  ]);
});

test('the container of a server with an older certificate is ended, because a renewal does not restart it', () => {
  expect(find(apiServer)).toMatchObject([
    {
      summary: expect.stringContaining('presents another certificate than /etc/kubernetes/pki/apiserver.crt'),
      remedy: { commands: ["crictl ps --name '^kube-apiserver$' --quiet | xargs crictl stop"] },
    },
  ]);
});

test('a pair that the server cannot read is the finding of another rule', () => {
  expect(find(apiServer, false)).toEqual([]);
  expect(oldCertificate.find(facts())).toEqual([]);
});
