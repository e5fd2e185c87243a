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

/** @throws FileError; KubeadmError `certificate-invalid` when it holds no or a broken certificate */
export async function readCertificates(files: FileReads, path: string): Promise<CertificateFile> {
  return parseCertificates(await readPem(files, path), path);
}

/** `path` is for messages. @throws KubeadmError `certificate-invalid` */
export function parseCertificates(text: string, path: string): CertificateFile {
  const blocks = parsePem(text);
  const [first, ...others] = blocks.filter(
    ({ type, headers }) => type === 'CERTIFICATE' && Object.keys(headers).length === 0,
  );
  if (first === undefined) throw invalid(path, `holds no PEM certificate${found(blocks)}`);
  const parse = (block: PemBlock, index: number): Certificate =>
    readBlock(path, index, () => parseCertificate(block.der));
  // A bundle may hold a hundred certificates. Most readers only want to know that none of them is broken.
  others.forEach(({ der }, index) => {
    readBlock(path, index + 1, () => new X509Certificate(der));
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
    throw invalid(path, `certificate number ${index + 1} in it cannot be read: ${messageOf(error)}`, error);
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
    throw invalid(
      path,
      'the private key is encrypted',
      undefined,
      `Decrypt it: openssl pkey -in ${path} -out <new file>`,
    );
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

/** Writes the key first, so that a run that is cut off between the two leaves no certificate without its key. */
export async function writePair(
  files: FileWrites,
  pair: { readonly directory: string; readonly baseName: string },
  content: { readonly certificate: string; readonly privateKey: string },
): Promise<void> {
  const { directory, baseName } = pair;
  await writeKey(files, keyPath(directory, baseName), content.privateKey);
  await files.write(certificatePath(directory, baseName), content.certificate, {
    mode: 0o644,
    directoryMode: 0o755,
  });
}

/** Writes a private or public key. Upstream gives both the same mode. */
export async function writeKey(files: FileWrites, path: string, pem: string): Promise<void> {
  await files.write(path, pem, { mode: 0o600, directoryMode: 0o755 });
}

async function readPem(files: FileReads, path: string): Promise<string> {
  return Buffer.from(await files.read(path, { maxBytes })).toString('latin1');
}

function found(blocks: readonly PemBlock[]): string {
  return blocks.length === 0 ? '' : ` (found: ${blocks.map(({ type }) => type).join(', ')})`;
}

function invalid(path: string, problem: string, cause?: unknown, hint?: string): KubeadmError {
  return new KubeadmError('certificate-invalid', `${path}: ${problem}`, {
    place: { file: path },
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}
