/** Comparable descriptions of certificates. */
import { X509Certificate } from 'node:crypto';

/**
 * The content of a certificate as JSON, without its random parts. Certificates that two programs create for the same
 * purpose have the same text.
 */
export function describeCertificate(pem: string): string {
  const certificate = new X509Certificate(pem);
  const details = certificate.toLegacyObject();
  const minutes = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 60_000;
  // A certificate starts with its CA and ends by its own time, so its minutes contain the time between both creations.
  const span = certificate.ca ? `${Math.round(minutes)} minutes` : `${Math.floor(minutes / 60)} hours`;
  const extensions = extensionNumbers(certificate.raw);
  return JSON.stringify({
    subject: certificate.subject,
    issuer: certificate.issuer,
    ca: certificate.ca,
    names: certificate.subjectAltName ?? '',
    usages: certificate.keyUsage ?? [],
    span,
    key: certificate.publicKey.asymmetricKeyType,
    keyDetails: { ...certificate.publicKey.asymmetricKeyDetails, publicExponent: undefined },
    keyLength: 'bits' in details ? details.bits : undefined,
    extensions,
  });
}

/** The number of each extension, in order, with `!` if it is critical. */
function extensionNumbers(der: Buffer): string {
  const found: string[] = [];
  for (let index = 0; index < der.length - 5; index++) {
    // 2.5.29.x: the arc of certificate extensions.
    if (
      der[index] === 0x06 &&
      der[index + 1] === 0x03 &&
      der[index + 2] === 0x55 &&
      der[index + 3] === 0x1d
    ) {
      const critical = der[index + 5] === 0x01 && der[index + 6] === 0x01 && der[index + 7] === 0xff;
      found.push(`${der[index + 4]}${critical ? '!' : ''}`);
    }
  }
  return found.join(' ');
}
