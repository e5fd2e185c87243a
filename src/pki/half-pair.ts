import { createPublicKey } from 'node:crypto';
import { isNotFound } from '../errors.ts';
import type { FileReads, Keys } from '../host.ts';
import { keyPath, readPrivateKey } from './files.ts';
import type { PkiInput } from './issue.ts';

/**
 * Returns the key of a new certificate if a run that did not end has written the key but not the certificate.
 * Undefined if there is no such key, or if it is the user's.
 * @throws FileError; KubeadmError `certificate-invalid` if the key is broken
 */
export async function halfPairKeys(
  files: FileReads,
  { cluster, unfinished }: PkiInput,
  baseName: string,
): Promise<Keys | undefined> {
  const path = keyPath(cluster.certificatesDir, baseName);
  if (unfinished?.fingerprints[path] === undefined) return undefined;
  try {
    const privateKey = await files.readText(path);
    const publicKey = createPublicKey(await readPrivateKey(files, path));
    const pair = { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
    return { generate: async () => pair };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
