import type { Emit } from '../events.ts';
import type { Clock } from '../host.ts';
import type { CertificateFile } from './files.ts';

/**
 * Warns if a certificate is not valid now, but does not refuse it (app/phases/certs, CheckCertificatePeriodValidity).
 * A run shows the same warning only once.
 */
export function warnOutOfBounds(clock: Clock, { path, certificate }: CertificateFile, emit: Emit): void {
  const problem = boundsProblem(certificate, clock.now());
  if (problem === undefined) return;
  emit({ type: 'warning', code: 'certificate-out-of-bounds', message: `the certificate ${path} ${problem}` });
}

/** `has expired at …` or `is not valid before …`; undefined for a valid certificate. */
export function boundsProblem(
  certificate: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
): string | undefined {
  if (now < certificate.notBefore) return `is not valid before ${certificate.notBefore.toISOString()}`;
  if (now > certificate.notAfter) return `has expired at ${certificate.notAfter.toISOString()}`;
  return undefined;
}
