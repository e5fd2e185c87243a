import type { Emit } from '../events.ts';
import type { Clock } from '../host/host.ts';
import type { CertificateFile } from './files.ts';

const warned = new WeakMap<Clock, Set<string>>();

/**
 * Warns, once per file and run (each has its own `clock`, phases/execute.ts), when a certificate is not valid now;
 * using it is not refused here (app/phases/certs, CheckCertificatePeriodValidity).
 */
export function warnOutOfBounds(clock: Clock, { path, certificate }: CertificateFile, emit: Emit): void {
  const paths = warned.get(clock) ?? new Set();
  warned.set(clock, paths);
  const problem = boundsProblem(certificate, clock.now());
  if (problem === undefined || paths.has(path)) return;
  paths.add(path);
  emit({ type: 'warning', code: 'certificate-out-of-bounds', message: `the certificate ${path} ${problem}` });
}

/** `has expired at …` or `is not valid before …`; undefined inside the bounds. */
export function boundsProblem(
  certificate: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
): string | undefined {
  if (now < certificate.notBefore) return `is not valid before ${certificate.notBefore.toISOString()}`;
  if (now > certificate.notAfter) return `has expired at ${certificate.notAfter.toISOString()}`;
  return undefined;
}
