import { KubeadmError } from '../errors.ts';

/**
 * Refuses key material that cannot be used for a connection, as Go does before the first request.
 *
 * @throws KubeadmError `kubeconfig-invalid`; the message contains no key material
 */
export function checkKeyMaterial(material: {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}): void {
  // The module is loaded only here, because most commands never connect to a server.
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule('node:crypto');
  const { ca, cert, key } = material;
  if (ca !== undefined) read('certificate authority', () => new X509Certificate(ca));
  if (cert === undefined || key === undefined) return;
  const certificate = read('client certificate', () => new X509Certificate(cert));
  const privateKey = read('client key', () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return;
  throw unreadable('the client key does not belong to the client certificate');
}

function read<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw unreadable(`the ${what} is not PEM that can be read`, error);
  }
}

function unreadable(problem: string, cause?: unknown): KubeadmError {
  return new KubeadmError('kubeconfig-invalid', `the kubeconfig cannot be used: ${problem}`, {
    cause,
    hint: 'Repair the current context of the kubeconfig, or use another one.',
  });
}
