/** The certificates that the system trusts, found as Go does on Linux (crypto/x509 root_linux.go). */
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

/**
 * Returns PEM certificates. SSL_CERT_FILE names a file, and SSL_CERT_DIR names directories separated by colons; they
 * replace the system's own. Unreadable files and broken certificates are skipped.
 */
export function trustedRoots(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { SSL_CERT_FILE: file = '', SSL_CERT_DIR: directories = '' } = environment;
  const given = [
    ...(file === '' ? [] : certificatesIn(file)),
    ...directories.split(':').flatMap((directory) => (directory === '' ? [] : certificatesBelow(directory))),
  ];
  const system = file === '' || directories === '' ? getCACertificates('system') : [];
  return [...new Set([...given, ...system])];
}

function certificatesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory).flatMap((name) => certificatesIn(`${directory}/${name}`));
  } catch {
    return [];
  }
}

function certificatesIn(path: string): readonly string[] {
  try {
    const blocks = readFileSync(path, 'latin1').matchAll(
      /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g,
    );
    return [...blocks].map(([pem]) => pem).filter(isReadable);
  } catch {
    return [];
  }
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
