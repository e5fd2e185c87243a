/** The authorities of the cluster that discovery has found. */
import { X509Certificate } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { parseCertificates } from '../pki/files.ts';
import type { Certificate } from '../pki/read-certificate.ts';
import { boundsProblem } from '../pki/validity.ts';
import { pinOf } from './ca-pins.ts';
import { distrust } from './refusals.ts';
import { clockFinding, type ServerClock } from './server-clock.ts';

/** @throws KubeadmError `discovery-failed` if there is no certificate, or one that cannot be read */
export function authoritiesOf({
  certificateAuthorityData: pem = '',
}: KubeconfigCluster): readonly Certificate[] {
  try {
    const { certificate, intermediates } = parseCertificates(pem, 'its certificate-authority-data');
    return [certificate, ...intermediates];
  } catch (error) {
    throw distrust(
      'authority-missing',
      `the discovered kubeconfig has no usable CA certificate: ${messageOf(error)}`,
      { hint: 'Add the CA certificate of the cluster to its certificate-authority-data.', cause: error },
    );
  }
}

/**
 * Returns the certificates that the pins prove. These are the pinned ones, and those that a proved one has signed. Upstream
 * trusts all certificates if one of them is pinned. Then anybody who knows the token could add an authority beside it.
 *
 * @throws KubeadmError `discovery-failed` if no certificate is pinned
 */
export function pinned(
  authorities: readonly Certificate[],
  pins: ReadonlySet<string>,
): readonly Certificate[] {
  const proved = new Set(authorities.filter((authority) => pins.has(pinOf(authority))));
  if (proved.size === 0) {
    const found = authorities.map(pinOf).join(', ');
    throw distrust(
      'authority-not-pinned',
      `the CA of this API server is not the pinned one: its hash is ${found}`,
      {
        hint: 'If this is the right cluster, use the hash that "kubeadm token create --print-join-command" prints on a control plane node. Otherwise check the address.',
      },
    );
  }
  for (let size = 0; size !== proved.size; ) {
    size = proved.size;
    for (const authority of authorities) {
      if ([...proved].some((issuer) => issued(issuer, authority))) proved.add(authority);
    }
  }
  return authorities.filter((authority) => proved.has(authority));
}

function issued(issuer: Certificate, certificate: Certificate): boolean {
  if (!issuer.isCA || !issuer.maySign || Buffer.compare(issuer.subject, certificate.issuer) !== 0)
    return false;
  return new X509Certificate(certificate.der).verify(issuer.publicKey);
}

/**
 * Refuses authorities of which none is valid now, because no connection could be verified.
 *
 * @throws KubeadmError `discovery-failed`
 */
export function checkValidity(
  authorities: readonly Certificate[],
  clock: Pick<Clock, 'now'>,
  serverClock: ServerClock,
): void {
  const problems = authorities.map((authority) => boundsProblem(authority, clock.now()));
  const [first] = problems;
  if (first === undefined || problems.includes(undefined)) return;
  const otherwise = 'The cluster needs a new CA.';
  const { explanation, hint } = clockFinding(serverClock, { clock, otherwise });
  const message = `the CA certificate of the cluster ${first}. ${explanation}`;
  throw distrust('authority-not-valid-now', message, { hint });
}
