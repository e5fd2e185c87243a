/** Compares the names of a certificate with wanted ones, as Go's x509.VerifyHostname does. */
import { parseIP } from '../lib/ip.ts';
import type { Certificate } from './read-certificate.ts';
import type { SubjectAltNames } from './sans.ts';

/** The wanted names for which the certificate is not valid. Its common name does not count. */
export function missingNames(
  certificate: Pick<Certificate, 'dnsNames' | 'ips'>,
  wanted: Pick<SubjectAltNames, 'dnsNames' | 'ips'>,
): readonly string[] {
  const ips = new Set(certificate.ips.map((text) => parseIP(text)?.text));
  return [
    ...wanted.dnsNames.filter((name) => !certificate.dnsNames.some((pattern) => isNamed(pattern, name))),
    ...wanted.ips.filter((ip) => !ips.has(ip)),
  ];
}

/** A first label `*` of the pattern stands for one label. A wanted name with `*` must be there as it is. */
function isNamed(pattern: string, name: string): boolean {
  const wanted = name.toLowerCase();
  const given = pattern.toLowerCase();
  if (!isHost(wanted)) return given === wanted && wanted !== '' && wanted !== '.';
  const labels = wanted.replace(/\.$/, '').split('.');
  const parts = given.split('.');
  return (
    parts.length === labels.length &&
    parts.every((part, index) => part === labels[index] || (index === 0 && part === '*'))
  );
}

function isHost(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return labels.every((label) => /^[a-z0-9_][a-z0-9_-]*$/.test(label));
}
