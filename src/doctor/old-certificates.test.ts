import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { facts, machine } from '../diagnosis/facts.fixture.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { certificatePem } from '../pki/read-certificate.ts';
import { createSelfSigned } from '../pki/x509.ts';
import { oldCertificates } from './old-certificates.ts';

const { signal } = new AbortController();
const minute = 60_000;
const day = 24 * 60 * minute;
const path = '/etc/kubernetes/pki/apiserver.crt';
const conf = '/etc/kubernetes/scheduler.conf';

function manifest(component: string, flags: readonly string[]): string {
  const command = [component, ...flags].map((word) => `    - ${word}\n`).join('');
  return `spec:\n  containers:\n  - name: ${component}\n    command:\n${command}`;
}

async function newCertificate(serial: number): Promise<Uint8Array> {
  const template = {
    commonName: 'kube-apiserver',
    organizations: [],
    dnsNames: [],
    ips: [],
    usages: [],
    isCA: false,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2027-01-01T00:00:00Z'),
  };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return await createSelfSigned(template, privateKey, new Uint8Array(8).fill(serial));
}

/** A control plane whose files were written this long ago. */
async function controlPlane(writtenAgoMs: number) {
  const [onDisk, other] = await Promise.all([newCertificate(1), newCertificate(2)]);
  const host = createMemoryHost({
    time: 'manual',
    files: {
      [path]: certificatePem(onDisk),
      [conf]: 'kind: Config\n',
      '/etc/kubernetes/manifests/kube-apiserver.yaml': manifest('kube-apiserver', [
        '--advertise-address=10.0.0.5',
        '--client-ca-file=/etc/kubernetes/pki/ca.crt',
        `--tls-cert-file=${path}`,
      ]),
      '/etc/kubernetes/manifests/kube-scheduler.yaml': manifest('kube-scheduler', [`--kubeconfig=${conf}`]),
    },
  });
  await host.time.advance(writtenAgoMs);
  return { host, onDisk, other };
}

const served = { component: 'kube-apiserver', certificate: 'apiserver', path, isServed: true };

test('a server that presents another certificate than its file uses an older one', async () => {
  const { host, onDisk, other } = await controlPlane(3 * minute);
  const look = () => oldCertificates(host, facts(), signal);
  host.machine.served.set('https://10.0.0.5:6443', other);
  expect(await look()).toEqual([served]);
  host.machine.served.set('https://10.0.0.5:6443', onDisk);
  expect(await look()).toEqual([]);
  host.machine.served.clear();
  expect(await look()).toEqual([]);
});

test('a server has two minutes to read a file that was written', async () => {
  const { host, other } = await controlPlane(minute);
  host.machine.served.set('https://10.0.0.5:6443', other);
  expect(await oldCertificates(host, facts(), signal)).toEqual([]);
});

test('a client whose certificate is newer than its container uses an older one', async () => {
  const { host } = await controlPlane(3 * minute);
  const now = host.clock.now().getTime();
  const look = (runsForMs: number, notBefore: number) => {
    const certificate = {
      path: conf,
      name: 'scheduler.conf',
      isAuthority: false,
      notBefore,
      notAfter: now + day,
    };
    const components = [{ name: 'kube-scheduler', state: 'running', exits: 0, runs: [], runsForMs }] as const;
    return oldCertificates(
      host,
      facts({ components, machine: machine({ now, certificates: [certificate] }) }),
      signal,
    );
  };
  expect(await look(day, now - 60 * minute)).toEqual([
    { component: 'kube-scheduler', certificate: 'scheduler.conf', path: conf, isServed: false },
  ]);
  // Certificates are valid from five minutes before they are made.
  expect(await look(day, now - day - 5 * minute)).toEqual([]);
  expect(await look(30 * minute, now - 60 * minute)).toEqual([]);
});
