/** Fingerprints of the files that a run of `init` makes once and later tries keep: key pairs and kubeconfigs. */
import type { FileReads } from '../host.ts';
import { adminConf, controllerManagerConf, kubernetesDir, schedulerConf, superAdminConf } from '../names.ts';
import { certificates, serviceAccountBaseName } from '../pki/certificates.ts';
import { certificatePath, keyPath, publicKeyPath } from '../pki/files.ts';
import { keyFingerprint, textFingerprint } from '../pki/fingerprint.ts';

/**
 * Maps paths to `sha256:<hex>`. A key pair has the path of its private key and the hash of its public key. A kubeconfig has
 * its own path and the hash of its text.
 */
export type Fingerprints = Readonly<Record<string, string>>;

/** The kubeconfigs that later tries keep. kubelet.conf is not one of them, because kubelet-finalize writes it again. */
const kubeconfigs = [adminConf, superAdminConf, controllerManagerConf, schedulerConf].map(
  (file) => `${kubernetesDir}/${file}`,
);

interface Reads {
  readonly files: FileReads;
}

/** Returns the fingerprints of the files on the disk. A private key alone has none, because its owner is not known. */
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

/** The fingerprints of the keys that an upgrade does not renew, so that they identify the cluster. */
export async function clusterFingerprints(host: Reads, certificatesDir: string): Promise<Fingerprints> {
  const authorities = certificates.filter(({ kind }) => kind === 'authority');
  const names = [...authorities.map(({ baseName }) => baseName), serviceAccountBaseName];
  const lasting = names.map((name) => keyPath(certificatesDir, name));
  const found = await fingerprintsOnDisk(host, certificatesDir);
  return Object.fromEntries(Object.entries(found).filter(([path]) => lasting.includes(path)));
}

/**
 * Returns the path of the first known file whose fingerprint has changed, or undefined if no file has changed. A missing file
 * does not count.
 */
export async function changedFile(
  host: Reads,
  known: Fingerprints,
  certificatesDir: string,
): Promise<string | undefined> {
  const found = await fingerprintsOnDisk(host, certificatesDir);
  return Object.keys(known).find((path) => found[path] !== undefined && found[path] !== known[path]);
}

/**
 * Returns the first file whose fingerprint is another one or not known; undefined if all existing files are known. Missing
 * files do not count.
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

/** Whether a file with one of these fingerprints exists. A private key counts without its certificate. */
export async function hasKnownFile(
  host: Reads,
  known: Fingerprints,
  certificatesDir: string,
): Promise<boolean> {
  const found = await fingerprintsOnDisk(host, certificatesDir);
  if (Object.keys(found).some((path) => found[path] === known[path])) return true;
  for (const { key } of pairs(certificatesDir).filter((pair) => pair.key in known)) {
    const text = await textOf(host.files, key);
    if (text !== undefined && keyFingerprint(text) === known[key]) return true;
  }
  return false;
}

/** A file before it is written. */
interface WrittenFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Returns the fingerprint of a file before it is written, with its path; undefined if later tries do not keep the file, or
 * if it is the other half of a key pair that is known.
 *
 * @param ofKey returns the fingerprint of a private key. A caller that knows the public key can do so more quickly.
 */
export function fingerprintOf(
  { path, text }: WrittenFile,
  certificatesDir: string,
  {
    known,
    ofKey = keyFingerprint,
  }: { readonly known: Fingerprints; readonly ofKey?: (pem: string) => string },
): Fingerprints | undefined {
  if (kubeconfigs.includes(path)) return { [path]: textFingerprint(text) };
  const pair = pairs(certificatesDir).find(({ key, other }) => path === key || path === other);
  if (pair === undefined) return undefined;
  if (path === pair.key) return { [path]: ofKey(text) };
  return pair.key in known ? undefined : { [pair.key]: keyFingerprint(text) };
}

/** The files of each key pair. `other` is the certificate, or the public key of the service account pair. */
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

/** A file that cannot be read counts as missing, because the phase that needs it reports the error. */
async function textOf(files: FileReads, path: string): Promise<string | undefined> {
  return await files.readText(path).catch(() => undefined);
}
