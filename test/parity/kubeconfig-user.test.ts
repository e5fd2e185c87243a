/** Compares `kubeconfig user` of both programs with the same CA. Only the key and the values that depend on it differ. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';

const ours = path.resolve(import.meta.dirname, '../../dist/kubeadm');
const { programs } = await ensureComponents({ set: 'compare' });
const directory = mkdtempSync(path.join(tmpdir(), 'kubeadm-user-'));
const file = path.join(directory, 'kubeadm.yaml');

function run(binary: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${binary} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function user(binary: string, args: readonly string[]): string {
  return run(binary, ['kubeconfig', 'user', '--config', file, ...args]);
}

beforeAll(() => {
  writeFileSync(
    file,
    `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 192.0.2.10 }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
clusterName: blue
certificatesDir: ${directory}/pki
`,
  );
  run(programs.kubeadm, ['init', 'phase', 'certs', 'ca', '--config', file]);
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  [['--client-name', 'robot', '--token', 'abc']],
  [['--client-name', 'a "b"', '--token', 'abc', '--org', 'ignored']],
])('kubeconfig user %j prints the same bytes', (args) => {
  expect(user(ours, args)).toBe(user(programs.kubeadm, args));
});

test.each([
  [['--client-name', 'dev']],
  [['--client-name', 'dev', '--org', 'z,a', '--org', 'm', '--validity-period', '10h']],
])('kubeconfig user %j prints the same file around another key', (args) => {
  const [mine, theirs] = [ours, programs.kubeadm].map((binary) => apart(user(binary, args)));
  expect(mine?.text).toBe(theirs?.text);
  expect(mine?.certificate).toEqual(theirs?.certificate);
  expect(Math.abs((mine?.validTo ?? 0) - (theirs?.validTo ?? 0))).toBeLessThan(60_000);
});

/** Returns the file without certificate and key, and the certificate without random values and times. */
function apart(text: string) {
  const encoded = /client-certificate-data: (\S+)/.exec(text)?.[1] ?? '';
  const certificate = new X509Certificate(Buffer.from(encoded, 'base64'));
  const { subject, issuer, keyUsage, validFrom, ca, subjectAltName, publicKey } = certificate;
  return {
    text: text.replace(/(client-(?:certificate|key)-data: )\S+/g, '$1…'),
    certificate: {
      subject,
      issuer,
      keyUsage,
      validFrom,
      ca,
      subjectAltName,
      key: publicKey.asymmetricKeyDetails,
    },
    validTo: Date.parse(certificate.validTo),
  };
}
