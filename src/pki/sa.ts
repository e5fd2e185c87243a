import { keyAlgorithm } from '../config/hub.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { serviceAccountBaseName } from './certificates.ts';
import { keyPath, publicKeyPath, readPrivateKey, writeKey, writeKeyPair } from './files.ts';
import { halfPairKeys } from './half-pair.ts';
import type { PkiInput } from './issue.ts';
import { warnReadableKey } from './key-mode.ts';

/**
 * Keeps the key pair that signs service account tokens if its private key can be read, whatever sa.pub contains.
 * Otherwise makes one (app/phases/certs, CreateServiceAccountKeyAndPublicKeyFiles). If a run that was cut off did not
 * write sa.pub, makes it from the private key.
 * @throws KubeadmError `certificate-invalid` if sa.key exists but is broken
 */
export async function ensureServiceAccountKey(host: Host, input: PkiInput, emit: Emit): Promise<void> {
  const directory = input.cluster.certificatesDir;
  const path = keyPath(directory, serviceAccountBaseName);
  const publicPath = publicKeyPath(directory, serviceAccountBaseName);
  const algorithm = keyAlgorithm(input.cluster);
  const existing = await readPrivateKey(host.files, path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw new KubeadmError(
      'certificate-invalid',
      `the service account key cannot be used: ${messageOf(error)}`,
      {
        cause: error,
        place: { file: path },
        hint: `Replace it, or remove ${path} and run \`kubeadm init phase certs sa\`: tokens signed so far become void.`,
      },
    );
  });
  if (existing !== undefined) {
    await warnReadableKey(host.files, { cluster: input.cluster, path }, emit);
    if ((await host.files.stat(publicPath)) === undefined) {
      const half = await halfPairKeys(host.files, input, serviceAccountBaseName);
      if (half === undefined) warnMissing(path, publicPath, emit);
      else await writeKey(host.files, publicPath, (await half.generate(algorithm)).publicKey);
    }
    emit({ type: 'certificate-existing', name: serviceAccountBaseName, kind: 'sa' });
    return;
  }
  const pair = { directory, baseName: serviceAccountBaseName };
  await writeKeyPair(host.files, pair, await host.keys.generate(algorithm));
  emit({ type: 'certificate-generated', name: serviceAccountBaseName, key: 'sa' });
}

function warnMissing(path: string, publicPath: string, emit: Emit): void {
  const message =
    `${publicPath} is missing and the API server will not start without it: ` +
    `openssl pkey -in ${path} -pubout -out ${publicPath}`;
  emit({ type: 'warning', code: 'service-account-public-key-missing', message });
}
