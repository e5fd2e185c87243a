import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { chainProblem } from './chain.ts';
import { parseCertificates } from './files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-chain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const openssl = (...args: readonly string[]): void =>
  void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const pem = (name: string): string => readFileSync(path.join(folder, `${name}.crt`), 'utf8');
// openssl makes certificates that begin now.
const now = new Date(Date.now() + 60_000);

openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key');
openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'leaf.key');

function makeCA(name: string, extensions: readonly string[] = [], options: readonly string[] = []): void {
  const all = ['basicConstraints=critical,CA:TRUE', ...extensions].flatMap((line) => ['-addext', line]);
  const subject = ['-subj', '/CN=ca', '-days', '9'];
  openssl('req', '-x509', '-key', 'ca.key', '-out', `${name}.crt`, ...subject, ...all, ...options);
}

/** Signed by the key of all authorities, which have one name, too. */
function makeLeaf(name: string, extensions: readonly string[], options: readonly string[] = []): void {
  writeFileSync(path.join(folder, 'ext'), extensions.join('\n'));
  openssl('req', '-new', '-key', 'leaf.key', '-subj', '/CN=leaf', '-out', 'leaf.csr');
  const signer = ['-CA', 'plain.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '9', '-extfile', 'ext'];
  openssl('x509', '-req', '-in', 'leaf.csr', '-out', `${name}.crt`, ...signer, ...options);
}

function problemOf(leaf: string, authority: string): string | undefined {
  return chainProblem(
    parseCertificates(pem(leaf), leaf),
    parseCertificates(pem(authority), authority).certificate,
    now,
  );
}

makeCA('plain');
makeLeaf('leaf', ['subjectAltName=DNS:api.lab.example,IP:10.1.2.3']);

test('a leaf that the authority signed has a chain to it', () => {
  expect(problemOf('leaf', 'plain')).toBeUndefined();
});

test('a signature with SHA-1 is not accepted', () => {
  makeLeaf('sha1', ['subjectAltName=DNS:a'], ['-sha1']);
  expect(problemOf('sha1', 'plain')).toBe('is signed with SHA-1, which is not accepted any more');
});

describe('name constraints of the authority', () => {
  test.each([
    ['permitted;DNS:lab.example', undefined],
    ['permitted;DNS:.lab.example', undefined],
    ['permitted;DNS:other.example', 'api.lab.example'],
    ['excluded;DNS:lab.example', 'api.lab.example'],
    ['permitted;IP:10.1.0.0/255.255.0.0', undefined],
    ['permitted;IP:10.2.0.0/255.255.0.0', '10.1.2.3'],
    ['excluded;IP:10.0.0.0/255.0.0.0', '10.1.2.3'],
  ])('%s refuses the name %s', (constraint, name) => {
    makeCA('limited', [`nameConstraints=critical,${constraint}`]);
    const expected = name && expect.stringContaining(`do not allow it to sign for "${name}"`);
    expect(problemOf('leaf', 'limited')).toEqual(expected);
  });
});

describe('a critical extension that Go does not know', () => {
  test('a critical extension of the authority is refused', () => {
    makeCA('odd', ['1.2.3.4=critical,ASN1:UTF8String:x']);
    expect(problemOf('leaf', 'odd')).toMatch(
      /signed by a certificate that has the critical extension 1\.2\.3\.4/,
    );
  });

  test('a critical extension of the leaf is refused', () => {
    makeLeaf('odd-leaf', ['1.2.3.4=critical,ASN1:UTF8String:x']);
    expect(problemOf('odd-leaf', 'plain')).toMatch(/^has the critical extension 1\.2\.3\.4/);
  });

  test('an unknown extension that is not critical is ignored', () => {
    makeLeaf('odd-leaf', ['1.2.3.4=ASN1:UTF8String:x']);
    expect(problemOf('odd-leaf', 'plain')).toBeUndefined();
  });
});

test('a negative serial number is refused when the certificate is read', () => {
  makeCA('negative', [], ['-set_serial', '-5']);
  expect(() => parseCertificates(pem('negative'), 'negative')).toThrow('its serial number is negative');
});

test('twelve intermediate certificates of one name are judged in less than five seconds', () => {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'other.key');
  const subject = ['-subj', '/CN=other', '-days', '9'];
  openssl('req', '-x509', '-key', 'other.key', '-out', 'other.crt', ...subject);
  const twins = Array.from({ length: 12 }, (_, index) => {
    makeCA(`twin${index}`, [], ['-set_serial', String(index + 1)]);
    return pem(`twin${index}`);
  });
  const file = parseCertificates(pem('leaf') + twins.join(''), 'many');
  const start = performance.now();
  const { certificate } = parseCertificates(pem('other'), 'other');
  expect(chainProblem(file, certificate, now)).toContain('more than 100 ways');
  expect(performance.now() - start).toBeLessThan(5000);
});
