/** Fingerprints of the files that a run of `init` makes once and later tries keep: key pairs and kubeconfigs. */
import type { FileReads } from '../host.ts';
import { adminConf, controllerManagerConf, kubernetesDir, schedulerConf, superAdminConf } from '../names.ts';
import { certificates, serviceAccountBaseName } from '../pki/certificates.ts';
import { certificatePath, keyPath, publicKeyPath } from '../pki/files.ts';
import { keyFingerprint, textFingerprint } from '../pki/fingerprint.ts';

/**
 * Path -> `sha256:<hex>`. A key pair stands under the path of its private key with the hash of its public key, a
 * kubeconfig under its own path with the hash of its text.
 */
export type Fingerprints = Readonly<Record<string, string>>;

/** kubelet.conf is not among them, because kubelet-finalize writes it again. */
const kubeconfigs = [adminConf, superAdminConf, controllerManagerConf, schedulerConf].map(
  (file) => `${kubernetesDir}/${file}`,
);

interface Reads {
  readonly files: FileReads;
}

/** Of what lies on the disk. A private key that lies alone has no fingerprint here: nobody knows whose it is. */
export async function fingerprintsOnDisk({ files }: Reads, certificatesDir: string): Promise<Fingerprints> {
  const found: Record<string, string> = {};
  for (const { key, other } of pairs(certificatesDir)) {
    const text = await textOf(files, other);
    if (text !== undefined) found[key] = keyFingerprint(text);
  }
  for (const path of kubeconfigs) {
    const text = await textOf(files, path);
    if (text !== undefined) found[path] = textFingerprint(text);
  }
  return found;
}

/**
 * The first file that is not the one of these fingerprints: it has another one, or it has none. undefined when all
 * that is there is known. A file that is missing says nothing.
 */
export async function unknownFile(
  host: Reads,
  known: Fingerprints,
  certificatesDir: string,
): Promise<string | undefined> {
  const found = await fingerprintsOnDisk(host, certificatesDir);
  const differing = Object.keys(found).find((path) => found[path] !== known[path]);
  if (differing !== undefined) return differing;
  const halves = pairs(certificatesDir).filter(({ key }) => found[key] === undefined && key in known);
  for (const { key } of halves) {
    const text = await textOf(host.files, key);
    if (text !== undefined && keyFingerprint(text) !== known[key]) return key;
  }
  return undefined;
}

/**
 * The fingerprint of a file that is about to be written; undefined when later tries do not keep it.
 *
 * @param ofKey fingerprint of a private key; a caller that knows the public key has a quicker way to it
 */
export function fingerprintOf(
  { path, text }: { readonly path: string; readonly text: string },
  certificatesDir: string,
  ofKey: (pem: string) => string = keyFingerprint,
): string | undefined {
  if (kubeconfigs.includes(path)) return textFingerprint(text);
  return pairs(certificatesDir).some(({ key }) => key === path) ? ofKey(text) : undefined;
}

/** `other`: the certificate, or the public key of the service accounts' pair. */
function pairs(directory: string): readonly { readonly key: string; readonly other: string }[] {
  return [
    ...certificates.map(({ baseName }) => ({
      key: keyPath(directory, baseName),
      other: certificatePath(directory, baseName),
    })),
    {
      key: keyPath(directory, serviceAccountBaseName),
      other: publicKeyPath(directory, serviceAccountBaseName),
    },
  ];
}

/** A file that cannot be read counts as missing: the phase that needs it says what is wrong. */
async function textOf(files: FileReads, path: string): Promise<string | undefined> {
  return await files.readText(path).catch(() => undefined);
}
