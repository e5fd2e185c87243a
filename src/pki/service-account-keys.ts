import { createPublicKey, type KeyObject } from 'node:crypto';
import type { FileReads } from '../host.ts';
import { serviceAccountBaseName } from './certificates.ts';
import { keyPath, publicKeyPath, readPrivateKey } from './files.ts';
import { encodePem, parsePem } from './pem.ts';

const spki = { type: 'spki', format: 'der' } as const;

/** The paths of the two files that sign and check service account tokens. */
export function serviceAccountPaths(certificatesDir: string): { readonly key: string; readonly pub: string } {
  return {
    key: keyPath(certificatesDir, serviceAccountBaseName),
    pub: publicKeyPath(certificatesDir, serviceAccountBaseName),
  };
}

/**
 * Whether sa.pub, which can have several keys, has the public key of sa.key. Undefined if one of them is missing or cannot be read.
 */
export async function serviceAccountKeysFit(
  files: FileReads,
  certificatesDir: string,
): Promise<boolean | undefined> {
  const { key, pub } = serviceAccountPaths(certificatesDir);
  try {
    const own = createPublicKey(await readPrivateKey(files, key)).export(spki);
    const found = publicKeysIn(await files.readText(pub)).map((one) => one.export(spki));
    return found.length === 0 ? undefined : found.some((one) => own.equals(one));
  } catch {
    return undefined;
  }
}

/** Public keys, and those of certificates. Blocks of other types are left out. */
function publicKeysIn(text: string): readonly KeyObject[] {
  return parsePem(text).flatMap(({ der, type }) => {
    if (!/PUBLIC KEY$|^CERTIFICATE$/.test(type)) return [];
    try {
      return [createPublicKey(encodePem(type, der))];
    } catch {
      return [];
    }
  });
}
