/** Reads, writes and checks the files of the certificates directory. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { KubeadmError, messageOf } from '../errors.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { type PemBlock, parsePem } from './pem.ts';
import { isEncrypted, privateKeyOf } from './private-key.ts';
import { type Certificate, parseCertificate } from './read-certificate.ts';

/** The first certificate of a file, and the intermediate certificates that follow it. */
export interface CertificateFile {
  readonly path: string;
  readonly certificate: Certificate;
  readonly intermediates: readonly Certificate[];
}

export const certificatePath = (directory: string, baseName: string) =>
  joinPath(directory, `${baseName}.crt`);
export const keyPath = (directory: string, baseName: string) => joinPath(directory, `${baseName}.key`);
export const publicKeyPath = (directory: string, baseName: string) => joinPath(directory, `${baseName}.pub`);
export const requestPath = (directory: string, baseName: string) => joinPath(directory, `${baseName}.csr`);

const maxBytes = 1024 * 1024;
const keyOptions = { mode: 0o600, directoryMode: 0o755 };

/** @throws FileError; KubeadmError `certificate-invalid` when it holds no or a broken certificate */
export async function readCertificates(files: FileReads, path: string): Promise<CertificateFile> {
  return parseCertificates(await readPem(files, path), path);
}

/** The library ignores bytes behind the certificate, which Go refuses. */
function refuseTrailingData(der: Uint8Array): void {
  if (new X509Certificate(der).raw.length !== der.length) throw new Error('trailing data');
}

/** `path` is for messages. @throws KubeadmError `certificate-invalid` */
export function parseCertificates(text: string, path: string): CertificateFile {
  const blocks = parsePem(text);
  const [first, ...others] = blocks.filter(
    ({ type, headers }) => type === 'CERTIFICATE' && Object.keys(headers).length === 0,
  );
  if (first === undefined) throw invalid(path, `holds no PEM certificate${found(blocks)}`);
  const parse = (block: PemBlock, index: number): Certificate =>
    readBlock(path, index, () => {
      refuseTrailingData(block.der);
      return parseCertificate(block.der);
    });
  // A bundle may hold a hundred certificates. Most readers only want to know that none of them is broken.
  others.forEach(({ der }, index) => {
    readBlock(path, index + 1, () => refuseTrailingData(der));
  });
  let intermediates: readonly Certificate[] | undefined;
  return {
    path,
    certificate: parse(first, 0),
    get intermediates() {
      intermediates ??= others.map((block, index) => parse(block, index + 1));
      return intermediates;
    },
  };
}

/** @param index counted from 0 */
function readBlock<T>(path: string, index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(path, `certificate number ${index + 1} in it cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * An RSA or ECDSA private key (PKCS #1, SEC 1 or PKCS #8), as `privateKeyOf` reads it.
 * @throws FileError; KubeadmError `certificate-invalid` when it is of another kind, broken or encrypted
 */
export async function readPrivateKey(files: FileReads, path: string): Promise<KeyObject> {
  const blocks = parsePem(await readPem(files, path));
  const key = blocks.map(privateKeyOf).find((parsed) => parsed !== undefined);
  if (key !== undefined) {
    if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec') return key;
    throw invalid(path, `its key is of type ${key.asymmetricKeyType}; RSA and ECDSA are allowed`);
  }
  if (blocks.some(isEncrypted)) {
    const hint = `Decrypt it: openssl pkey -in ${path} -out <new file>`;
    throw invalid(path, 'the private key is encrypted', { hint });
  }
  throw invalid(path, `holds no RSA or ECDSA private key that can be read${found(blocks)}`);
}

/** Whether the private key is the one of the certificate. */
export function belongsTo(key: KeyObject, certificate: Certificate): boolean {
  const spki = { type: 'spki', format: 'der' } as const;
  return Buffer.compare(createPublicKey(key).export(spki), certificate.publicKey.export(spki)) === 0;
}

/** Whether there is something that can be read as a file. */
export async function isFile(files: FileReads, path: string): Promise<boolean> {
  const stat = await files.stat(path);
  return stat !== undefined && stat.kind !== 'directory';
}

/** Whether the certificate or the key exists, readable or not. */
export async function pairExists(files: FileReads, directory: string, baseName: string): Promise<boolean> {
  const stats = await Promise.all([
    files.stat(certificatePath(directory, baseName)),
    files.stat(keyPath(directory, baseName)),
  ]);
  return stats.some((stat) => stat !== undefined);
}

/**
 * Writes both files or, when one of them cannot be written, neither. The key gets its name first, so that a power cut
 * between the two leaves no certificate without its key.
 */
export async function writePair(
  files: FileWrites,
  pair: { readonly directory: string; readonly baseName: string },
  content: { readonly certificate: string; readonly privateKey: string },
): Promise<void> {
  const { directory, baseName } = pair;
  await files.writeAll([
    { path: keyPath(directory, baseName), data: content.privateKey, options: keyOptions },
    {
      path: certificatePath(directory, baseName),
      data: content.certificate,
      options: { mode: 0o644, directoryMode: 0o755 },
    },
  ]);
}

/** The two files of the pair that signs service account tokens; as {@link writePair}. */
export async function writeKeyPair(
  files: FileWrites,
  pair: { readonly directory: string; readonly baseName: string },
  content: { readonly privateKey: string; readonly publicKey: string },
): Promise<void> {
  const { directory, baseName } = pair;
  await files.writeAll([
    { path: keyPath(directory, baseName), data: content.privateKey, options: keyOptions },
    { path: publicKeyPath(directory, baseName), data: content.publicKey, options: keyOptions },
  ]);
}

/** Writes a private or public key. Upstream gives both the same mode. */
export async function writeKey(files: FileWrites, path: string, pem: string): Promise<void> {
  await files.write(path, pem, keyOptions);
}

async function readPem(files: FileReads, path: string): Promise<string> {
  const bytes = await files.read(path, { maxBytes: maxBytes + 1 });
  if (bytes.length <= maxBytes) return Buffer.from(bytes).toString('latin1');
  const hint = 'Keys and certificates have a few kilobytes: check that this is the right file.';
  throw invalid(path, `is larger than ${maxBytes / 1024 / 1024} MiB`, { hint });
}

function found(blocks: readonly PemBlock[]): string {
  return blocks.length === 0 ? '' : ` (found: ${blocks.map(({ type }) => type).join(', ')})`;
}

function invalid(
  path: string,
  problem: string,
  more: { readonly cause?: unknown; readonly hint?: string } = {},
): KubeadmError {
  return new KubeadmError('certificate-invalid', `${path}: ${problem}`, { place: { file: path }, ...more });
}
